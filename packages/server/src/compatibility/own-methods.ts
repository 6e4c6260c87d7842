/**
 * Makes an inherited method a prototype's own, so that whoever patches it there patches the objects of this class alone, and can find out that
 * it is there to be patched.
 *
 * @param prototype - of the class that inherits the method
 * @param name - of the method
 */
export function inheritAsOwn<Prototype extends object>(prototype: Prototype, name: keyof Prototype): void {
  Object.defineProperty(prototype, name, { value: prototype[name], configurable: true, writable: true });
}
