/** How packets become messages where the option `parser` says nothing. A bundle with another parser has another module in this one's place. */
export { JSON_CODEC as DEFAULT_CODEC } from "@hawser/core";
