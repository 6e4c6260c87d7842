/**
 * What runs inside the page, beside the client's bundle: does to the client what the test asks for and reports what its
 * listeners hear. It is sent to the page as source, so it may refer to nothing outside itself but the types.
 */

import type { createFunctionTable, RemoteCall } from "./function-table.ts";

/** A property that is read, or a method that is called, on what the previous step gave. */
export type Step = readonly [name: string, args?: unknown[]];

/** Something to do in the page. */
export type Operation =
  | { readonly do: "open"; readonly socket: number; readonly url: string; readonly options: unknown }
  | { readonly do: "steps"; readonly socket: number; readonly steps: readonly Step[] }
  | { readonly do: "await"; readonly socket: number; readonly steps: readonly Step[]; readonly settle: unknown }
  | { readonly do: "set"; readonly socket: number; readonly property: string; readonly value: unknown }
  | { readonly do: "call"; readonly call: RemoteCall };

/** What a socket's properties say. */
export interface SocketState {
  readonly id: string | undefined;
  readonly connected: boolean;
  readonly active: boolean;
}

/** Something that happened in the page. */
export interface Report {
  readonly call: RemoteCall;
  /** Of all sockets, when the call was made. */
  readonly states: readonly SocketState[];
}

export function installPageScript(makeFunctionTable: typeof createFunctionTable): void {
  const page = globalThis as unknown as {
    io(url: string, options: unknown): any;
    report(run: string | null, reports: string): Promise<void>;
    perform(operations: string): void;
  };
  const run = new URLSearchParams(location.search).get("run");
  const sockets: any[] = [];
  let reports: Report[] = [];

  let sending = false;

  /** Sends what there is; what happens meanwhile follows in one piece. */
  const send = async (): Promise<void> => {
    if (sending) return;
    sending = true;
    while (reports.length > 0) {
      const batch = reports;
      reports = [];
      await page.report(run, JSON.stringify(batch));
    }
    sending = false;
  };

  const table = makeFunctionTable((call) => {
    const states = sockets.map(({ id, connected, active }) => ({ id, connected, active }));
    reports.push({ call, states });
    void send();
  });

  const walk = (socket: number, steps: readonly Step[]): any =>
    steps.reduce(
      (target, [name, args]) => (args === undefined ? target[name] : target[name](...args.map(table.decode))),
      sockets[socket],
    );

  const perform = (operation: Operation): void => {
    switch (operation.do) {
      case "open":
        sockets[operation.socket] = page.io(operation.url, table.decode(operation.options));
        break;
      case "steps":
        walk(operation.socket, operation.steps);
        break;
      case "await": {
        const settle = table.decode(operation.settle) as (error: unknown, value?: unknown) => void;
        walk(operation.socket, operation.steps).then(
          (value: unknown) => settle(null, value),
          (error: unknown) => settle(error),
        );
        break;
      }
      case "set":
        sockets[operation.socket][operation.property] = table.decode(operation.value);
        break;
      case "call":
        table.run(operation.call);
    }
  };

  page.perform = (operations) => (JSON.parse(operations) as Operation[]).forEach(perform);
}
