using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Accounts;

/// <summary>Claims about both stores that need to see inside.</summary>
internal static class RefreshTokenClaims
{
    private static readonly CancellationToken Ct = CancellationToken.None;

    public static async Task TokensOutliveKeyRotations(
        AccountService accounts,
        IRefreshTokens tokens,
        IRefreshTokenStore store,
        RotatingKeyring keyrings,
        FakeTimeProvider time
    )
    {
        var ana = (await accounts.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, Ct)).Account;
        var first = await tokens.IssueAsync(ana, Ct);
        var before = keyrings.Current.Active(KeyPurpose.Refresh).Id;
        keyrings.Rotate(KeyPurpose.Refresh);
        Assert.Equal([new KeyUse(KeyPurpose.Refresh, before, "refresh_family", 1)], await new RefreshTokenUsage(store).CountAsync(Ct));

        // The rotation moves the family to the key in force, and a repetition still finds the same successor, also after yet another rotation of keys.
        var second = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(first.Token, null, Ct)).Token;
        var after = keyrings.Current.Active(KeyPurpose.Refresh).Id;
        Assert.Equal([new KeyUse(KeyPurpose.Refresh, after, "refresh_family", 1)], await new RefreshTokenUsage(store).CountAsync(Ct));
        keyrings.Rotate(KeyPurpose.Refresh);
        Assert.Equal(second, Assert.IsType<RefreshResult.SameSuccessor>(await tokens.RotateAsync(first.Token, null, Ct)).Token);
        var third = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(second.Token, null, Ct)).Token;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.IsType<RefreshResult.ReuseDetected>(await tokens.RotateAsync(first.Token, null, Ct));
        Assert.IsType<RefreshResult.Revoked>(await tokens.RotateAsync(third.Token, null, Ct));

        // Nobody comes by with a token whose key is gone.
        var last = await tokens.IssueAsync(ana, Ct);
        keyrings.Rotate(KeyPurpose.Refresh, KeyState.Retired);
        Assert.IsType<RefreshResult.Unknown>(await tokens.RotateAsync(last.Token, null, Ct));
    }

    public static async Task AuditFailureUndoesTheRevocation(
        AccountService accounts,
        Func<IAuditLog, IRefreshTokens> create,
        IAuditLog log,
        FakeTimeProvider time
    )
    {
        var (sound, broken) = (create(log), create(new BrokenAuditLog()));
        var ana = (await accounts.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, Ct)).Account;
        var first = await sound.IssueAsync(ana, Ct);
        var second = Assert.IsType<RefreshResult.Rotated>(await sound.RotateAsync(first.Token, null, Ct)).Token;
        time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<TimeoutException>(async () => await broken.RotateAsync(first.Token, null, Ct));
        await Assert.ThrowsAsync<TimeoutException>(async () => await broken.RevokeAsync(second.Token, null, Ct));
        await Assert.ThrowsAsync<TimeoutException>(async () => await broken.RevokeAccountAsync(ana.Id, AuditActor.System, Ct));

        // The thief is refused all the same, and the next attempt is recorded and ends the family.
        Assert.IsType<RefreshResult.ReuseDetected>(await sound.RotateAsync(first.Token, null, Ct));
        Assert.IsType<RefreshResult.Revoked>(await sound.RotateAsync(second.Token, null, Ct));
    }

    public static async Task OnlyHashesAreStored(
        AccountService accounts,
        IRefreshTokens tokens,
        IRefreshTokenStore store,
        RotatingKeyring keyrings
    )
    {
        var ana = (await accounts.CreateAsync("ana", [AccountRoles.Viewer], AuditActor.System, Ct)).Account;
        var first = (await tokens.IssueAsync(ana, Ct)).Token;
        var second = Assert.IsType<RefreshResult.Rotated>(await tokens.RotateAsync(first, null, Ct)).Token.Token;
        var (used, current) = (Bytes(first), Bytes(second));
        var hash = new KeyedHash(keyrings, KeyPurpose.Refresh, "autom8/refresh/v1/handle").Compute(
            keyrings.Current.Active(KeyPurpose.Refresh),
            used.AsSpan(0, 16)
        );

        var family = (await store.FindAsync([hash], Ct))!;

        Assert.Equal(used[..16], current[..16]);
        byte[] stored =
        [
            .. family.Id.ToByteArray(bigEndian: true),
            .. family.HandleHash,
            .. family.CurrentHash,
            .. family.PreviousHash!,
            .. family.Key.ToArray(),
        ];
        // No 8 bytes of what the client holds stand in the row.
        foreach (var token in new[] { used, current })
        {
            for (var i = 0; i + 8 <= token.Length; i++)
            {
                Assert.Equal(-1, stored.AsSpan().IndexOf(token.AsSpan(i, 8)));
            }
        }
    }

    private static byte[] Bytes(string token)
    {
        var bytes = new byte[48];
        Assert.True(OpaqueSecret.TryParse("a8r_", token, bytes));
        return bytes;
    }
}
