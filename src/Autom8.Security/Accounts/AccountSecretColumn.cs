using Autom8.Security.Encryption;

namespace Autom8.Security.Accounts;

/// <summary>A column of <see cref="AccountSecrets"/>: where they are to be counted and encrypted anew.</summary>
internal sealed record AccountSecretColumn(string Table, string IdColumn, string Column)
{
    public static readonly AccountSecretColumn PasswordHash = new("account", "id", "password_hash");
    public static readonly AccountSecretColumn FactorSecret = new("second_factor", "account_id", "secret");
    public static readonly AccountSecretColumn FactorRecovery = new("second_factor", "account_id", "recovery");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<AccountSecretColumn> All = [PasswordHash, FactorSecret, FactorRecovery];

    /// <summary>What a secret of this column and account is bound to.</summary>
    public FieldContext Of(Guid accountId) => new(Table, Column, accountId);
}
