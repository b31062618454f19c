import type { GatewayOptions } from './command-context';
import type { Listing } from './gateway-client';
import { detailLines, tableLines, type Column, type Resource } from './table';
import { printable, remark, writeJson, writeLines, type Terminal } from './terminal';

/** Shows a list: a table, or with `--json` an array. */
export function showListing(
  terminal: Terminal,
  options: GatewayOptions,
  listing: Listing,
  columns: readonly Column[],
): void {
  if (options.json) writeJson(terminal, listing.items);
  else writeLines(terminal, tableLines(listing.items, columns));
  if (listing.truncated) remark(terminal, 'scep-gateway: there are more, --limit shows them');
}

/** Shows all fields of what a list holds, with a blank line between; with `--json` an array. */
export function showDetails(terminal: Terminal, options: GatewayOptions, listing: Listing): void {
  if (options.json) writeJson(terminal, listing.items);
  else
    writeLines(
      terminal,
      listing.items.flatMap((item, index) => [...(index > 0 ? [''] : []), ...detailLines(item)]),
    );
  if (listing.truncated) remark(terminal, 'scep-gateway: there are more, --limit shows them');
}

/** Shows one resource: a line for each field, or JSON. */
export function showResource(terminal: Terminal, options: GatewayOptions, resource: Resource): void {
  if (options.json) writeJson(terminal, resource);
  else writeLines(terminal, detailLines(resource));
}

/** Shows that something was done to what was named; with `--json` the resource as it is now. */
export function showDone(terminal: Terminal, options: GatewayOptions, resource: Resource, sentence: string): void {
  if (options.json) writeJson(terminal, resource);
  else writeLines(terminal, [sentence]);
}

/** Writes the field `pem` of each that has one. */
export function showPem(terminal: Terminal, resources: readonly unknown[]): void {
  for (const resource of resources) {
    const text = (resource as { readonly pem?: unknown } | null)?.pem;
    if (typeof text === 'string') writeLines(terminal, text.trimEnd().split('\n').map(printable));
  }
}
