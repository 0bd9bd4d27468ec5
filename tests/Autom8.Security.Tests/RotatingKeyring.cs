using Autom8.Security.Keys;

namespace Autom8.Security.Tests;

/// <summary>A keyring whose keys are rotated while it is used.</summary>
internal sealed class RotatingKeyring : IKeyringProvider
{
    private volatile Keyring current = Keyrings.New();

    public Keyring Current => current;

    public void Rotate(KeyPurpose purpose, KeyState old = KeyState.VerifyOnly) => current = Keyrings.Rotated(current, purpose, old);
}
