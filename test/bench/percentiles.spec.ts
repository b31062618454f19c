import { summarise } from '../../bench/percentiles';

test('percentiles are by nearest rank, whatever the order', () => {
  const values = Array.from({ length: 200 }, (_, i) => ((i * 37) % 200) + 1);
  expect(summarise(values)).toEqual({ p50: 100, p90: 180, p99: 198, max: 200, mean: 100.5 });
});

test('a single value is all percentiles', () => {
  expect(summarise([7])).toEqual({ p50: 7, p90: 7, p99: 7, max: 7, mean: 7 });
});

test('no values give zeroes', () => {
  expect(summarise([])).toEqual({ p50: 0, p90: 0, p99: 0, max: 0, mean: 0 });
});
