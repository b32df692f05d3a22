export interface LoggingSettings {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly json: boolean;
}
