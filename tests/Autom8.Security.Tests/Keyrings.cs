using Autom8.Security.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests;

/// <summary>Keyrings for tests.</summary>
internal static class Keyrings
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static Keyring New() => Keyring.Create(new FakeTimeProvider(Start));

    /// <summary>The same keyring after a rotation: the active key of the purpose gets another state, a new one is active.</summary>
    public static Keyring Rotated(Keyring keyring, KeyPurpose purpose, KeyState old = KeyState.VerifyOnly)
    {
        var before = keyring.Active(purpose);
        var after =
            old == KeyState.Destroyed
                ? KeyringKey.Destroyed(before.Id, purpose, before.CreatedAt)
                : KeyringKey.Create(purpose, old, before.CreatedAt, before.Material);
        return new Keyring(
            keyring.Id,
            [.. keyring.Keys.Where(key => key != before), after, KeyringKey.Generate(purpose, KeyState.Active, Start)]
        );
    }
}
