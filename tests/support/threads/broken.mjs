// A thread that never comes up.
throw new Error('cannot load');
