// #region config
// node --experimental-vm-modules node_modules/jest/bin/jest.js
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': ['ts-jest', { useESM: true, tsconfig: { module: 'nodenext', target: 'es2022', isolatedModules: true } }],
  },
};
// #endregion
