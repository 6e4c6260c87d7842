/** What a `<script>` finds as the global `io`: the function, with everything else as its properties. */
export { io as default } from "./io.ts";
