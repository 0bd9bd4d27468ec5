using Autom8.Security.Keys;

namespace Autom8.Security.Tests.Keys;

/// <summary>The life of keys against what must hold after every step, over random histories.</summary>
public sealed class KeyTransitionsTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(1);
    private static readonly KeyPurpose[] Purposes = Enum.GetValues<KeyPurpose>();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_happens_one_key_of_each_purpose_is_active_and_keys_move_forward_only(int seed)
    {
        var random = new Random(seed);
        var now = Keyrings.Start;
        var keyring = Keyrings.New();
        var material = keyring.Keys.ToDictionary(key => key.Id, key => Convert.ToHexString(key.Material));
        var seen = new HashSet<KeyState>();
        for (var step = 0; step < 300; step++)
        {
            now += TimeSpan.FromSeconds(random.Next(120));
            var change = Random(random, keyring, now);
            if (change is null)
            {
                continue;
            }

            var after = keyring.With(change.Keys); // throws unless exactly one key of each purpose is active
            Assert.Equal(keyring.Revision + 1, after.Revision);
            Assert.Equal(keyring.Id, after.Id);
            Assert.True(keyring.Keys.Select(key => key.Id).ToHashSet().IsSubsetOf(after.Keys.Select(key => key.Id)));
            foreach (var key in after.Keys)
            {
                var before = keyring.Keys.SingleOrDefault(k => k.Id == key.Id);
                Assert.Equal(before?.State == key.State, !change.Changes.Any(c => c.Key == key.Id));
                Assert.True(before is null || before.State <= key.State, $"{before} became {key}");
                Assert.True(before is null or { State: not KeyState.Retired } || key.State is KeyState.Retired or KeyState.Destroyed);
                Assert.True(before is not null || key.State is KeyState.Pending or KeyState.Active);
                Assert.Equal(key.State >= KeyState.VerifyOnly, key.SupersededAt is not null);
                material.TryAdd(key.Id, Convert.ToHexString(key.Material));
                Assert.Equal(key.State == KeyState.Destroyed ? "" : material[key.Id], Convert.ToHexString(key.Material));
            }

            seen.UnionWith(after.Keys.Select(key => key.State));
            foreach (var purpose in Purposes)
            {
                Assert.True(after.All(purpose).Count(key => key.State == KeyState.Pending) <= 1);
                var active = after.Active(purpose);
                Assert.All(after.All(purpose), key => Assert.True(key.State <= KeyState.Active || key.SupersededAt <= active.ActivatesAt));
            }

            var bytes = KeyringFormat.Write(after);
            keyring = KeyringFormat.Read(bytes, "a test");
            Assert.Equal(bytes, KeyringFormat.Write(keyring));
        }

        Assert.Equal(Enum.GetValues<KeyState>(), seen.Order());
    }

    [Fact]
    public void A_second_rotation_finds_the_first_ones_key()
    {
        var keyring = Keyrings.New();
        var active = keyring.Active(KeyPurpose.Audit).Id;
        var first = keyring.With(KeyTransitions.Rotate(keyring, KeyPurpose.Audit, active, Delay, Keyrings.Start)!.Keys);
        Assert.Null(KeyTransitions.Rotate(first, KeyPurpose.Audit, active, Delay, Keyrings.Start));

        var atOnce = keyring.With(KeyTransitions.Rotate(keyring, KeyPurpose.Audit, active, TimeSpan.Zero, Keyrings.Start)!.Keys);
        Assert.Null(KeyTransitions.Rotate(atOnce, KeyPurpose.Audit, active, TimeSpan.Zero, Keyrings.Start));
        Assert.NotNull(KeyTransitions.Rotate(atOnce, KeyPurpose.Audit, atOnce.Active(KeyPurpose.Audit).Id, TimeSpan.Zero, Keyrings.Start));
    }

    [Theory]
    [InlineData(KeyState.Pending)]
    [InlineData(KeyState.Active)]
    public void A_key_in_use_is_neither_retired_nor_destroyed(KeyState state)
    {
        var keyring = Keyrings.New();
        var active = keyring.Active(KeyPurpose.Cache).Id;
        keyring = keyring.With(KeyTransitions.Rotate(keyring, KeyPurpose.Cache, active, Delay, Keyrings.Start)!.Keys);
        var key = keyring.All(KeyPurpose.Cache).Single(k => k.State == state);
        Assert.Contains(
            key.Id.ToString(),
            Assert.Throws<KeyringException>(() => KeyTransitions.Retire(keyring, key.Id)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<KeyringException>(() => KeyTransitions.Destroy(keyring, key.Id));
    }

    [Fact]
    public void A_key_that_rows_may_need_never_retires_by_itself_and_one_that_signed_tokens_does()
    {
        var keyring = Keyrings.New();
        foreach (var purpose in Purposes)
        {
            var active = keyring.Active(purpose).Id;
            keyring = keyring.With(KeyTransitions.Rotate(keyring, purpose, active, TimeSpan.Zero, Keyrings.Start)!.Keys);
        }

        TimeSpan? After(KeyPurpose purpose) => purpose == KeyPurpose.TokenSigning ? TimeSpan.FromHours(1) : null;
        KeyringChange? At(TimeSpan after) =>
            KeyTransitions.Advance(keyring, _ => false, After, _ => null, TimeSpan.Zero, Keyrings.Start + after);

        Assert.Null(At(TimeSpan.FromMinutes(59)));
        var change = Assert.Single(At(TimeSpan.FromDays(4000))!.Changes);
        Assert.Equal((KeyPurpose.TokenSigning, KeyState.VerifyOnly, KeyState.Retired), (change.Purpose, change.From, change.To));
    }

    private static KeyringChange? Random(Random random, Keyring keyring, DateTimeOffset now)
    {
        var key = keyring.Keys[random.Next(keyring.Keys.Count)];
        var purpose = Purposes[random.Next(Purposes.Length)];
        try
        {
            return random.Next(5) switch
            {
                0 => KeyTransitions.Rotate(keyring, purpose, keyring.Active(purpose).Id, Delay, now),
                1 => KeyTransitions.Rotate(keyring, purpose, keyring.Active(purpose).Id, TimeSpan.Zero, now),
                2 => KeyTransitions.Retire(keyring, key.Id),
                3 => KeyTransitions.Destroy(keyring, key.Id),
                _ => KeyTransitions.Advance(
                    keyring,
                    pending => pending.CreatedAt + Delay <= now,
                    p => p == KeyPurpose.TokenSigning ? TimeSpan.FromMinutes(5) : null,
                    p => p == KeyPurpose.Cursor ? TimeSpan.FromMinutes(3) : null,
                    Delay,
                    now
                ),
            };
        }
        catch (KeyringException)
        {
            return null; // refused, as some must be
        }
    }
}
