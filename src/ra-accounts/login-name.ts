/**
 * The account that a typed name means. Those who come from a Windows domain write `DOMAIN\user` or `user@domain`, in any
 * letter case; which domain says nothing here, for there is only one directory.
 *
 * @returns lower case; empty where nothing is left, which is nobody's name
 */
export function accountNameOf(typed: string): string {
  const user = typed.slice(typed.lastIndexOf('\\') + 1);
  const at = user.indexOf('@');
  return (at < 0 ? user : user.slice(0, at)).toLowerCase();
}
