export function wrap<T extends object>(target: T, methods: Partial<T>): T;
