using System.Text;
using System.Text.Json;
using Autom8.Security.Audit;

namespace Autom8.Security.Accounts;

/// <summary>What is recorded about accounts. Names of reasons, roles and states; never a password, a hash, or a name that somebody merely typed.</summary>
internal static class AccountEvents
{
    public const string Created = "account.created";
    public const string Imported = "account.imported";
    public const string RolesChanged = "account.roles_changed";
    public const string Disabled = "account.disabled";
    public const string Enabled = "account.enabled";
    public const string PasswordChanged = "account.password_changed";
    public const string PasswordReset = "account.password_reset";

    public const string SignedOut = "session.signed_out";
    public const string SignedOutEverywhere = "session.signed_out_everywhere";
    public const string RefreshReused = "session.refresh_reused";
    public const string AllRevoked = "session.revoked";

    public const string FactorEnrolled = "account.second_factor_enrolled";
    public const string FactorEnabled = "account.second_factor_enabled";
    public const string FactorDisabled = "account.second_factor_disabled";

    public const string WrongCode = "wrong_code";
    public const string CodeRequired = "code_required";
    public const string WrongPassword = "wrong_password";
    public const string UnknownAccount = "unknown_account";
    public const string DisabledAccount = "disabled";
    public const string LockedAccount = "locked";
    public const string ExpiredPassword = "password_expired";
    public const string MustChangePassword = "password_change_required";

    private const string Resource = "account";

    public static AuditEntry Change(string action, Account account, AuditActor actor, bool withRoles = false) =>
        new(action, actor, Resource, account.Id.ToString(), withRoles ? Object("roles", account.Roles) : null);

    public static AuditEntry SignedIn(Account account, string? requestId) =>
        new("session.signed_in", new AuditActor(account.Name, requestId), Resource, account.Id.ToString());

    public static AuditEntry Locked(Account account, string? requestId) =>
        new("account.locked", AuditActor.System with { RequestId = requestId }, Resource, account.Id.ToString());

    /// <summary>A refusal before the password was proved: nobody knows who it was.</summary>
    public static AuditEntry Refused(Account? account, string reason, string? requestId) =>
        new(
            "session.refused",
            AuditActor.Unknown with
            {
                RequestId = requestId,
            },
            Resource,
            account?.Id.ToString(),
            Object("reason", reason)
        );

    /// <summary>A refusal of someone who knows the password.</summary>
    public static AuditEntry RefusedTo(Account account, string reason, string? requestId) =>
        new("session.refused", new AuditActor(account.Name, requestId), Resource, account.Id.ToString(), Object("reason", reason));

    public static AuditEntry RecoveryUsed(Account account, string? requestId) =>
        new("account.recovery_code_used", new AuditActor(account.Name, requestId), Resource, account.Id.ToString());

    /// <summary>The name of a key is its owner's text: it is not recorded.</summary>
    public static AuditEntry OfKey(string action, ApiKey key, AuditActor actor) =>
        new(action, actor, Resource, key.AccountId.ToString(), Object("key", key.Id.ToString()));

    public static AuditEntry KeyRevoked(Guid accountId, Guid keyId, AuditActor actor) =>
        new("api_key.revoked", actor, Resource, accountId.ToString(), Object("key", keyId.ToString()));

    public static AuditEntry OfFamily(string action, RefreshFamily family, AuditActor actor) =>
        new(action, actor, Resource, family.AccountId.ToString(), Object("family", family.Id.ToString()));

    /// <summary>The families of an account, or of everyone, were revoked.</summary>
    public static AuditEntry FamiliesRevoked(Guid? accountId, AuditActor actor) => new(AllRevoked, actor, Resource, accountId?.ToString());

    private static string Object(string name, string value) =>
        Write(json =>
        {
            json.WriteString(name, value);
        });

    private static string Object(string name, IReadOnlyList<string> values) =>
        Write(json =>
        {
            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        });

    private static string Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
