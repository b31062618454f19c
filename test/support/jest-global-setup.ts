import { TestDatabaseBroker } from './test-database-broker';

declare global {
  /** Handed from jest's global setup to its teardown. */
  var testDatabaseBroker: TestDatabaseBroker | undefined;
}

/** Runs once before all test files. */
export default async function setup(): Promise<void> {
  globalThis.testDatabaseBroker = await TestDatabaseBroker.open();
}
