/**
 * A value whose type the application knows and the library does not. Socket.IO's API has `any` in these places, and with
 * `unknown` code that compiles there would not compile here. This is the one place that says so.
 */
export type Anything = any;
