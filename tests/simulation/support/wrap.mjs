/** An object whose named methods are replaced; everything else goes to the target itself. */
export function wrap(target, methods) {
  return new Proxy(target, {
    get(object, key) {
      if (Object.hasOwn(methods, key)) return (...args) => methods[key](...args);
      const value = Reflect.get(object, key, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
    set: (object, key, value) => Reflect.set(object, key, value, object),
  });
}
