namespace Autom8.Security.Accounts;

/// <summary>How roles and states are written, on both engines.</summary>
internal static class AccountColumns
{
    /// <summary>The columns of an account in the order in which both stores read and bind them; <c>name_key</c> comes last and is only written.</summary>
    public const string Read =
        "id, name, password_hash, roles, state, must_change_password, password_expires_at, epoch, failed_attempts, locked_until, version, created_at, updated_at";

    public static string Write(IReadOnlyList<string> roles) => string.Join(' ', roles);

    public static string Write(AccountState state) => state == AccountState.Active ? "active" : "disabled";

    public static string[] ReadRoles(string roles) => roles.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // Whatever is not plainly active is not.
    public static AccountState ReadState(string state) => state == "active" ? AccountState.Active : AccountState.Disabled;
}
