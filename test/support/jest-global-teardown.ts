/** Runs once after all test files. */
export default async function teardown(): Promise<void> {
  await globalThis.testDatabaseBroker?.close();
}
