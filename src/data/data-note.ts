/** Something a reader had to do that its user should know. */
export interface DataNote {
  readonly code: string;
  readonly message: string;
}
