using Autom8.Security.Keys;

namespace Autom8.Contacts.Tests.AtRest;

/// <summary>A keyring whose keys are rotated while it is in use.</summary>
internal sealed class RotatingKeyring : IKeyringProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private volatile Keyring _current = Keyring.Create(TimeProvider.System);
    private int _rotations;

    public Keyring Current => _current;

    /// <summary>Makes a new key of the purpose active; the old one still verifies.</summary>
    public void Rotate(KeyPurpose purpose)
    {
        var before = _current.Active(purpose);
        var after = KeyringKey.Create(purpose, KeyState.VerifyOnly, before.CreatedAt, before.Material);
        var made = KeyringKey.Generate(purpose, KeyState.Active, Start.AddYears(1).AddDays(++_rotations));
        _current = new Keyring(_current.Id, [.. _current.Keys.Where(key => key != before), after, made]);
    }

    /// <summary>Retires every key of the purpose that is not active: from now on what it made is not accepted.</summary>
    public void RetireOld(KeyPurpose purpose) =>
        _current = new Keyring(
            _current.Id,
            [
                .. _current.Keys.Select(key =>
                    key.Purpose == purpose && key.State != KeyState.Active
                        ? KeyringKey.Create(purpose, KeyState.Retired, key.CreatedAt, key.Material)
                        : key
                ),
            ]
        );
}
