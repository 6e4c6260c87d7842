/** What all gateways of a port say: the first one that Nest comes to makes the server. */
export const options = { cors: { origin: "http://page.example" } };
