/** Accounts: whoever has signed in over HTTP is known to the sockets of the same browser, by the same cookie. */

import { createServer } from "node:http";
import express from "express";
import session from "express-session";
import passport from "passport";
import { Strategy } from "passport-local";
import { Server } from "socket.io";

/** Engine middlewares see each request of a connection; these are for the first. */
function onlyForHandshake(middleware) {
  return (request, response, next) => {
    if (request._query.sid === undefined) middleware(request, response, next);
    else next();
  };
}

export async function start(note) {
  const people = new Map([["ann", { id: 1, username: "ann", password: "anchor" }]]);
  passport.use(
    new Strategy((username, password, done) => {
      const person = people.get(username);
      if (person?.password === password) done(null, { id: person.id, username });
      else done(null, false);
    }),
  );
  passport.serializeUser((user, done) => done(null, user));
  passport.deserializeUser((user, done) => done(null, user));

  const app = express();
  const httpServer = createServer(app);
  const sessions = session({ secret: "keel", resave: true, saveUninitialized: true, rolling: true, name: "sid" });
  app.use(sessions, express.urlencoded({ extended: false }), passport.session());
  app.get("/", (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.json({ user: request.user ?? null, visits: request.session.visits });
  });
  app.post("/login", passport.authenticate("local"), (request, response) => response.json(request.user));

  const io = new Server(httpServer);
  app.post("/logout", (request, response, next) => {
    const { id } = request.session;
    request.logout((error) => {
      if (error) return next(error);
      io.in(`session ${id}`).disconnectSockets(true);
      response.status(204).end();
    });
  });

  io.engine.use(onlyForHandshake(sessions));
  io.engine.use(onlyForHandshake(passport.session()));
  io.engine.use(
    onlyForHandshake((request, response, next) => {
      if (request.user) return next();
      response.writeHead(401);
      response.end();
    }),
  );
  io.engine.on("connection_error", ({ code, message }) => {
    // 1: a client's last words, which may come when its session is gone.
    if (code !== 1) note("server", "connection_error", code, message);
  });

  io.on("connection", (socket) => {
    const { request } = socket;
    note("server", "connection", request.user, { visits: request.session.visits, method: request.method });
    note("server", "authenticated", request.isAuthenticated(), "by", socket.handshake.headers.cookie?.slice(0, 4));
    void socket.join([`session ${request.session.id}`, `user ${request.user.id}`]);

    socket.on("whoami", (callback) => callback(request.user.username));
    socket.on("count", (callback) => {
      request.session.reload((error) => {
        if (error) return socket.disconnect();
        request.session.visits += 1;
        request.session.save(() => callback(request.session.visits));
      });
    });
    // Each message lasts no longer than the session does.
    socket.use(([event], next) => {
      request.session.reload((error) => {
        if (error) note("server", "no session for", event);
        next(error ?? undefined);
      });
    });
    socket.on("disconnect", (reason) => note("server", "disconnect", reason));
  });

  // As it was done before engines had middlewares.
  const wrap = (middleware) => (socket, next) => middleware(socket.request, {}, next);
  io.of("/account")
    .use(wrap(sessions))
    .use(wrap(passport.session()))
    .use((socket, next) => next(socket.request.user ? undefined : new Error("unauthorized")))
    .on("connection", (socket) => socket.emit("account", socket.request.user));

  await new Promise((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  return { io, url: `http://127.0.0.1:${httpServer.address().port}` };
}
