using System.Text;
using System.Text.Json;
using Autom8.Security.Audit;

namespace Autom8.Security.Keys;

/// <summary>What is recorded about keys: their ids, purposes and states.</summary>
internal static class KeyEvents
{
    private const string Key = "key";
    private const string Keyring = "keyring";

    public static AuditEntry Of(KeyChange change, AuditActor actor) =>
        new(
            change.To switch
            {
                _ when change.From is null => "key.rotated",
                KeyState.Active => "key.activated",
                KeyState.VerifyOnly => "key.superseded",
                KeyState.Retired => "key.retired",
                _ => "key.destroyed",
            },
            actor,
            Key,
            change.Key.ToString(),
            Details(("purpose", change.Purpose.ToString()), ("state", change.To.ToString()))
        );

    public static AuditEntry Rewrapped(string keyringId, IEnumerable<string> keyEncryptionKeys, AuditActor actor) =>
        new("keyring.rewrapped", actor, Keyring, keyringId, Details(("for", string.Join(' ', keyEncryptionKeys))));

    public static AuditEntry Escrowed(string keyringId, string recoveryKey, AuditActor actor) =>
        new("keyring.escrowed", actor, Keyring, keyringId, Details(("to", recoveryKey)));

    public static AuditEntry Recovered(string keyringId, AuditActor actor) => new("keyring.recovered", actor, Keyring, keyringId);

    private static string Details(params ReadOnlySpan<(string Name, string Value)> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in members)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
