using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Storage.Sqlite;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;

namespace Autom8.Security.Tests.Keys;

public sealed class SqliteKeyRotationTests : IDisposable
{
    private static readonly AuditActor Ann = new("ann", "r1");

    private readonly TemporaryFolder _folder = new();
    private readonly KeyUses _uses = new();

    private string Database => Path.Combine(_folder.Path, "data", "autom8.db");

    private string KeyringFile => Path.Combine(_folder.Path, "data-keys", "keyring.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_keyring_of_an_earlier_version_gets_the_keys_it_lacks_and_keeps_the_others()
    {
        KeyPurpose[] later = [KeyPurpose.Refresh, KeyPurpose.Backup];
        var keyring = Keyrings.New();
        await StoreEarlierAsync(keyring, later);

        Keyring completed;
        await using (var first = await StartAsync())
        {
            completed = first.Ring();
            Assert.All(
                keyring.Keys.Where(key => !later.Contains(key.Purpose)),
                key => Assert.Equal(key.Id, completed.Active(key.Purpose).Id)
            );
        }

        await using var second = await StartAsync();
        Assert.Equal(completed.Keys.Select(key => key.Id), second.Ring().Keys.Select(key => key.Id));
        Assert.Equal(1, second.Ring().Revision);
    }

    [Fact]
    public async Task No_key_is_made_for_a_purpose_whose_lost_key_rows_need()
    {
        var keyring = Keyrings.New();
        await StoreEarlierAsync(keyring, KeyPurpose.Refresh);
        var before = await File.ReadAllBytesAsync(KeyringFile);
        var lost = keyring.Active(KeyPurpose.Refresh).Id;
        _uses.Uses.Add(new KeyUse(KeyPurpose.Refresh, lost, "refresh_token", 17));

        var refused = await Assert.ThrowsAsync<KeyringException>(() => StartAsync());

        Assert.All(
            new[] { lost.ToString(), "refresh_token", "17" },
            part => Assert.Contains(part, refused.Message, StringComparison.Ordinal)
        );
        Assert.Equal(before, await File.ReadAllBytesAsync(KeyringFile));
    }

    [Fact]
    public async Task A_rotation_takes_effect_at_once_survives_a_restart_and_is_audited()
    {
        KeyId old;
        KeyRotation rotation;
        await using (var first = await StartAsync())
        {
            old = first.Ring().Active(KeyPurpose.FieldEncryption).Id;
            rotation = await first.Lifecycle().RotateAsync(KeyPurpose.FieldEncryption, Ann);
            Assert.Equal((KeyState.Active, true), (rotation.State, rotation.IsNew));
            Assert.Equal(rotation.Key, first.Ring().Active(KeyPurpose.FieldEncryption).Id);
        }

        await using var second = await StartAsync();
        var keyring = second.Ring();
        Assert.Equal(rotation.Key, keyring.Active(KeyPurpose.FieldEncryption).Id);
        Assert.True(keyring.TryFind(KeyPurpose.FieldEncryption, old, out var before));
        Assert.Equal((KeyState.VerifyOnly, Keyrings.Start), (before.State, before.SupersededAt));
        var records = (await second.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery(), CancellationToken.None)).Records;
        Assert.Equal(
            [("ann", "key.rotated", rotation.Key.ToString(), true), ("ann", "key.superseded", old.ToString(), true)],
            records
                .Select(record => (record.User, record.Action, record.ResourceId!, record.IsAuthentic))
                .OrderBy(record => record.Action, StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task What_the_audit_log_would_refuse_is_not_announced()
    {
        await using (var first = await StartAsync())
        {
            var before = await File.ReadAllBytesAsync(KeyringFile);
            var bad = new AuditActor(new string('x', 300));
            await Assert.ThrowsAsync<ArgumentException>(async () => await first.Lifecycle().RotateAsync(KeyPurpose.Audit, bad));
            await Assert.ThrowsAsync<ArgumentException>(async () =>
                await first
                    .Lifecycle()
                    .WrapAlsoForAsync(
                        KeyEncryptionKey.From(
                            new SecurityOptions { KeyEncryptionKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) }
                        )!,
                        bad
                    )
            );
            Assert.Equal(before, await File.ReadAllBytesAsync(KeyringFile));
        }

        await using var second = await StartAsync();
        Assert.True((await second.Lifecycle().RotateAsync(KeyPurpose.Audit, Ann)).IsNew);
    }

    [Fact]
    public async Task An_older_file_put_in_the_place_of_the_keyring_is_refused_until_the_newest_is_back()
    {
        await using var provider = await StartAsync();
        var older = await File.ReadAllBytesAsync(KeyringFile);
        var made = (await provider.Lifecycle().RotateAsync(KeyPurpose.Audit, Ann)).Key;
        var newest = await File.ReadAllBytesAsync(KeyringFile);

        await File.WriteAllBytesAsync(KeyringFile, older);
        await Assert.ThrowsAsync<KeyringException>(async () => await provider.Lifecycle().RotateAsync(KeyPurpose.Cache, Ann));
        await Assert.ThrowsAsync<KeyringException>(async () => await provider.Lifecycle().AdvanceAsync());
        Assert.Equal(made, provider.Ring().Active(KeyPurpose.Audit).Id);

        await File.WriteAllBytesAsync(KeyringFile, newest);
        Assert.True((await provider.Lifecycle().RotateAsync(KeyPurpose.Cache, Ann)).IsNew);
        Assert.Equal(made, provider.Ring().Active(KeyPurpose.Audit).Id);
    }

    /// <summary>The process dies after each step of the replacement in turn: whatever was stored is whole, is accepted, and can be changed again.</summary>
    [Theory]
    [InlineData("announced", false)]
    [InlineData("written", false)]
    [InlineData("renamed", true)]
    [InlineData("flushed", true)]
    [InlineData("promoted", true)]
    public async Task A_crash_at_any_step_leaves_the_keyring_from_before_or_after(string step, bool isAfter)
    {
        KeyId old;
        await using (var first = await StartAsync())
        {
            old = first.Ring().Active(KeyPurpose.Audit).Id;
            Store(first).AfterStep = reached =>
            {
                if (reached == step)
                {
                    throw new TimeoutException("crash");
                }
            };
            await Assert.ThrowsAsync<TimeoutException>(async () => await first.Lifecycle().RotateAsync(KeyPurpose.Audit, Ann));
        }

        await using (var second = await StartAsync())
        {
            Assert.Equal(isAfter, second.Ring().Active(KeyPurpose.Audit).Id != old);
            var actions = (await second.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery(), CancellationToken.None)).Records;
            Assert.Equal(isAfter ? 2 : 0, actions.Count);
            Assert.All(actions, record => Assert.True(record.IsAuthentic));
            Assert.Equal((1L, 0L), Announcements(second));
            await second.Lifecycle().RotateAsync(KeyPurpose.Audit, Ann);
        }

        await using var third = await StartAsync();
        Assert.Equal(isAfter ? 3 : 2, third.Ring().All(KeyPurpose.Audit).Count);
    }

    /// <summary>The same without a restart: the service goes on after a failure at any step, with what is stored.</summary>
    [Theory]
    [InlineData("announced", 2)]
    [InlineData("written", 2)]
    [InlineData("renamed", 3)]
    [InlineData("flushed", 3)]
    public async Task A_failure_at_any_step_does_not_stop_the_next_change(string step, int keys)
    {
        await using (var first = await StartAsync())
        {
            Store(first).AfterStep = reached =>
            {
                if (reached == step)
                {
                    Store(first).AfterStep = null;
                    throw new TimeoutException("failure");
                }
            };
            await Assert.ThrowsAsync<TimeoutException>(async () => await first.Lifecycle().RotateAsync(KeyPurpose.Audit, Ann));
            await first.Lifecycle().AdvanceAsync();
            Assert.Equal(keys - 1, first.Ring().All(KeyPurpose.Audit).Count);
            Assert.True((await first.Lifecycle().RotateAsync(KeyPurpose.Audit, Ann)).IsNew);
        }

        await using var second = await StartAsync();
        Assert.Equal(keys, second.Ring().All(KeyPurpose.Audit).Count);
    }

    [Fact]
    public async Task What_a_crash_left_of_writing_the_file_is_deleted()
    {
        await (await StartAsync()).DisposeAsync();
        OwnerOnlyFile.Create(KeyringFile + ".abc.tmp", [1, 2, 3]);
        await (await StartAsync()).DisposeAsync();
        Assert.Equal([KeyringFile], Directory.GetFiles(Path.GetDirectoryName(KeyringFile)!));
    }

    [Fact]
    public async Task Two_who_rotate_at_once_make_one_key()
    {
        await using var provider = await StartAsync();
        var lifecycle = provider.Lifecycle();
        var first = lifecycle.RotateAsync(KeyPurpose.Cursor, Ann).AsTask();
        var second = lifecycle.RotateAsync(KeyPurpose.Cursor, Ann).AsTask();
        var rotations = await Task.WhenAll(first, second);
        Assert.Single(rotations, rotation => rotation.IsNew);
        Assert.Single(rotations.Select(rotation => rotation.Key).Distinct());
        Assert.Equal(2, provider.Ring().All(KeyPurpose.Cursor).Count);
    }

    [Fact]
    public async Task A_key_that_rows_need_is_neither_retired_nor_destroyed_and_one_that_none_needs_is_both()
    {
        await using var provider = await StartAsync();
        var lifecycle = provider.Lifecycle();
        var old = provider.Ring().Active(KeyPurpose.FieldEncryption).Id;
        await lifecycle.RotateAsync(KeyPurpose.FieldEncryption, Ann);
        _uses.Uses.Add(new KeyUse(KeyPurpose.FieldEncryption, old, "contact", 12));
        await RefusedAsync(() => lifecycle.RetireAsync(old, Ann), "contact", "12");

        _uses.Uses.Clear();
        Assert.Equal(
            [new KeyChange(KeyPurpose.FieldEncryption, old, KeyState.VerifyOnly, KeyState.Retired)],
            await lifecycle.RetireAsync(old, Ann)
        );
        Assert.False(provider.Ring().TryFind(KeyPurpose.FieldEncryption, old, out _));
        Assert.Empty(await lifecycle.RetireAsync(old, Ann));

        _uses.Uses.Add(new KeyUse(KeyPurpose.FieldEncryption, old, "contact", 1));
        await RefusedAsync(() => lifecycle.DestroyAsync(old, Ann), "contact", "1");
        Assert.Equal(32, provider.Ring().All(KeyPurpose.FieldEncryption).Single(key => key.Id == old).Material.Length);
        Assert.Equal("Retired", Assert.Single((await lifecycle.ReportAsync()).OldButNeeded).State.ToString());
        Assert.Contains("contact", Assert.Single(await lifecycle.VerifyAsync()), StringComparison.Ordinal);

        _uses.Uses.Clear();
        await lifecycle.DestroyAsync(old, Ann);
        Assert.Equal(0, provider.Ring().All(KeyPurpose.FieldEncryption).Single(key => key.Id == old).Material.Length);
        Assert.Empty(await lifecycle.VerifyAsync());
    }

    [Fact]
    public async Task A_start_with_rows_that_need_a_destroyed_key_is_refused()
    {
        KeyId old;
        await using (var first = await StartAsync())
        {
            old = first.Ring().Active(KeyPurpose.BlindIndex).Id;
            await first.Lifecycle().RotateAsync(KeyPurpose.BlindIndex, Ann);
            await first.Lifecycle().RetireAsync(old, Ann);
            await first.Lifecycle().DestroyAsync(old, Ann);
        }

        _uses.Uses.Add(new KeyUse(KeyPurpose.BlindIndex, old, "contact", 3));
        var refused = await Assert.ThrowsAsync<KeyringException>(() => StartAsync());
        Assert.Contains(old.ToString(), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_says_what_rows_need_nothing_of_theirs_is_retired()
    {
        await using var provider = await StartAsync(withUses: false);
        var old = provider.Ring().Active(KeyPurpose.FieldEncryption).Id;
        await provider.Lifecycle().RotateAsync(KeyPurpose.FieldEncryption, Ann);
        await RefusedAsync(() => provider.Lifecycle().RetireAsync(old, Ann), "IKeyUsage");
    }

    [Fact]
    public async Task A_schedule_rotates_and_signing_keys_retire_when_their_tokens_have_expired()
    {
        await using var provider = await StartAsync(o =>
        {
            o.Keys.Rotation[KeyPurpose.TokenSigning] = TimeSpan.FromDays(30);
            o.Tokens.AccessLifetime = TimeSpan.FromHours(1);
        });
        var time = (FakeTimeProvider)provider.GetRequiredService<TimeProvider>();
        var lifecycle = provider.Lifecycle();
        var old = provider.Ring().Active(KeyPurpose.TokenSigning).Id;

        time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.Empty(await lifecycle.AdvanceAsync());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await lifecycle.AdvanceAsync()).Count);
        Assert.NotEqual(old, provider.Ring().Active(KeyPurpose.TokenSigning).Id);

        time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await lifecycle.AdvanceAsync());
        time.Advance(TimeSpan.FromSeconds(30)); // the skew
        Assert.Equal(
            new KeyChange(KeyPurpose.TokenSigning, old, KeyState.VerifyOnly, KeyState.Retired),
            Assert.Single(await lifecycle.AdvanceAsync())
        );
        Assert.All(
            Enum.GetValues<KeyPurpose>().Where(purpose => purpose != KeyPurpose.TokenSigning),
            purpose => Assert.Single(provider.Ring().All(purpose))
        );
    }

    [Fact]
    public async Task A_keyring_that_the_application_keeps_is_not_changed_here()
    {
        await using var provider = SecurityServices.Start(security => security.UseKeyring(Keyrings.New()));
        await provider.KeyringAsync();
        await RefusedAsync(
            async () =>
            {
                await provider.Lifecycle().RotateAsync(KeyPurpose.Cache, Ann);
                return [];
            },
            "UseKeyring"
        );
    }

    [Theory]
    [InlineData("RotateEvery", "00:59:59")]
    [InlineData("RotateEvery", "4000.00:00:00")]
    [InlineData("Rotation:Audit", "00:00:01")]
    [InlineData("PublishDelay", "00:00:01")]
    [InlineData("PollInterval", "00:00:00")]
    [InlineData("PollInterval", "00:00:45")]
    public async Task A_setting_out_of_range_is_named(string setting, string value)
    {
        await using var provider = SecurityServices.Start(
            security => security.UseKeyring(Keyrings.New()),
            settings: ($"Autom8:Security:Keys:{setting}", value)
        );
        var refused = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() =>
            provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<SecurityOptions>>().Value
        );
        Assert.Contains("Autom8:Security:Keys:", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_whose_material_is_no_key_is_found_out_at_start()
    {
        await (await StartAsync()).DisposeAsync();
        var keyring = Keyrings.New();
        var broken = KeyringKey.Create(KeyPurpose.TokenSigning, KeyState.Active, Keyrings.Start, new byte[121]);
        Directory.Delete(Path.GetDirectoryName(Database)!, recursive: true);
        await File.WriteAllBytesAsync(
            KeyringFile,
            KeyringFormat.Write(new Keyring(keyring.Id, [.. keyring.Keys.Where(key => key.Purpose != KeyPurpose.TokenSigning), broken]))
        );
        var refused = await Assert.ThrowsAsync<KeyringException>(() => StartAsync());
        Assert.Contains(broken.Id.ToString(), refused.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync(Func<ValueTask<IReadOnlyList<KeyChange>>> act, params string[] says)
    {
        var refused = await Assert.ThrowsAsync<KeyringException>(async () => await act());
        Assert.All(says, part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
    }

    private static SqliteKeyringStore Store(ServiceProvider provider) => (SqliteKeyringStore)provider.GetRequiredService<IKeyringStore>();

    private (long Rows, long Announced) Announcements(ServiceProvider provider)
    {
        var database = provider.GetRequiredService<DatabaseRegistry>().Sqlite("Data Source=" + Database);
        return database.Read(
            database.TablePrefix,
            static (session, prefix) =>
                (
                    (long)session.Command($"select count(*) from {prefix}keyring_check").ExecuteScalar()!,
                    (long)session.Command($"select count(next_value) from {prefix}keyring_check").ExecuteScalar()!
                )
        );
    }

    private async Task StoreEarlierAsync(Keyring keyring, params KeyPurpose[] unknown)
    {
        // The database's check of the reduced keyring, and the reduced keyring in the old format.
        await (await StartAsync()).DisposeAsync();
        File.Delete(KeyringFile);
        OwnerOnlyFile.Create(KeyringFile, StoredByEarlierVersion.Format1(keyring, unknown));
        await using var database = new SqliteConnectionTo(Database);
        database.SetCheck(KeyringCheck.Of(StoredByEarlierVersion.Reduced(keyring, unknown)));
    }

    private async Task<ServiceProvider> StartAsync(Action<SecurityOptions>? configure = null, bool withUses = true)
    {
        var provider = SecurityServices.Start(
            security =>
            {
                if (withUses)
                {
                    security.Services.AddSingleton<IKeyUsage>(_uses);
                }

                security.UseSqlite("Data Source=" + Database);
                if (!withUses)
                {
                    security.Services.RemoveAll<IKeyUsage>();
                }

                return security;
            },
            configure
        );
        try
        {
            await provider.KeyringAsync();
            return provider;
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    private sealed class SqliteConnectionTo(string path) : IAsyncDisposable
    {
        private readonly Microsoft.Data.Sqlite.SqliteConnection _connection = new($"Data Source={path};Pooling=False");

        public void SetCheck(KeyringCheck check)
        {
            _connection.Open();
            using var command = _connection.CreateCommand();
            command.CommandText = "select name from sqlite_master where name like '%keyring_check' and type = 'table'";
            var table = (string)command.ExecuteScalar()!;
#pragma warning disable CA2100
            command.CommandText = $"update {table} set keyring_id = $id, check_value = $value";
#pragma warning restore CA2100
            command.Parameters.AddWithValue("$id", check.KeyringId);
            command.Parameters.AddWithValue("$value", check.Value);
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        public ValueTask DisposeAsync() => _connection.DisposeAsync();
    }
}
