/** An application of Feathers, as its documentation builds one: services, channels, authentication. */

import { randomBytes } from "node:crypto";
import { AuthenticationService, JWTStrategy, authenticate } from "@feathersjs/authentication";
import { LocalStrategy, hooks } from "@feathersjs/authentication-local";
import { feathers } from "@feathersjs/feathers";
import { bodyParser, errorHandler, koa, rest } from "@feathersjs/koa";
import { memory } from "@feathersjs/memory";
import socketio from "@feathersjs/socketio";

/** A method and an event beside those that every service has. */
class Rooms {
  constructor(app) {
    this.app = app;
  }

  async enter({ room }, { connection }) {
    this.app.channel(`rooms/${room}`).join(connection);
    this.emit("entered", { room });
    return { room };
  }
}

/**
 * @param {object=} options of Socket.IO
 * @param {((io: object) => void)=} withServer is given the server
 */
export function createApplication(options = {}, withServer = () => {}) {
  const app = koa(feathers());
  app.set("authentication", {
    entity: "user",
    service: "users",
    secret: randomBytes(24).toString("base64"),
    authStrategies: ["jwt", "local"],
    jwtOptions: { audience: "https://application.example", algorithm: "HS256", expiresIn: "1d" },
    local: { usernameField: "email", passwordField: "password" },
  });
  app.use(errorHandler());
  app.use(bodyParser());
  app.configure(rest());
  app.configure(socketio(options, withServer));

  app.use("messages", memory({ multi: true, paginate: { default: 10, max: 50 } }));
  app.use("users", memory());
  app.use("rooms", new Rooms(app), { methods: ["enter"], events: ["entered"] });
  const authentication = new AuthenticationService(app);
  authentication.register("jwt", new JWTStrategy());
  authentication.register("local", new LocalStrategy());
  app.use("authentication", authentication);

  app.service("users").hooks({
    around: { find: [authenticate("jwt")], all: [hooks.protect("password")] },
    before: { create: [hooks.hashPassword("password")] },
  });
  app.service("messages").hooks({ before: { remove: [authenticate("jwt")] } });

  app.on("connection", (connection) => app.channel("anonymous").join(connection));
  app.on("login", (_result, { connection }) => {
    if (connection === undefined) return;
    app.channel("anonymous").leave(connection);
    app.channel("authenticated").join(connection);
  });
  app.service("messages").publish(() => app.channel("anonymous", "authenticated"));
  app.service("users").publish(() => app.channel("authenticated"));
  app.service("rooms").publish(({ room }) => app.channel(`rooms/${room}`));
  return app;
}
