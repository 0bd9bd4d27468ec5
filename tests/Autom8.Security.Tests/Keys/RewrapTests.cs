using System.Security.Cryptography;
using Autom8.Security.Audit;
using Autom8.Security.Keys;
using Autom8.Security.Storage.Sqlite;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Security.Tests.Keys;

/// <summary>A key-encryption key is exchanged for another without an hour in which either half of the nodes is out.</summary>
public sealed class RewrapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _old = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private readonly string _new = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private string Database => Path.Combine(_folder.Path, "data", "autom8.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nodes_with_the_old_key_and_nodes_with_the_new_one_work_side_by_side_until_it_is_finished()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using var old = await OnPostgreSqlAsync(database, _old);
        await Assert.ThrowsAsync<KeyringException>(() => OnPostgreSqlAsync(database, _new));

        var opens = await old.Lifecycle().WrapAlsoForAsync(Key(_new), AuditActor.System);
        Assert.Equal(2, opens.Count);
        Assert.Equal(opens, await old.Lifecycle().WrapAlsoForAsync(Key(_new), AuditActor.System));

        // Started with the new key, changes what those with the old one read, and the other way about.
        await using (var fresh = await OnPostgreSqlAsync(database, _new))
        {
            var first = await fresh.Lifecycle().RotateAsync(KeyPurpose.Audit, AuditActor.System);
            await old.Lifecycle().AdvanceAsync();
            Assert.True(old.Ring().TryFind(KeyPurpose.Audit, first.Key, out _));
            var second = await old.Lifecycle().RotateAsync(KeyPurpose.Cache, AuditActor.System);
            await fresh.Lifecycle().AdvanceAsync();
            Assert.True(fresh.Ring().TryFind(KeyPurpose.Cache, second.Key, out _));
            await (await OnPostgreSqlAsync(database, _old)).DisposeAsync();

            Assert.Single(await fresh.Lifecycle().WrapOnlyForAsync(null, AuditActor.System));
        }

        await Assert.ThrowsAsync<KeyringException>(() => OnPostgreSqlAsync(database, _old));
        await using var last = await OnPostgreSqlAsync(database, _new);
        Assert.Equal(2, last.Ring().All(KeyPurpose.Audit).Count);
        var actions = (await last.GetRequiredService<IAuditLog>().ListAsync(new AuditQuery(), CancellationToken.None)).Records;
        Assert.Equal(2, actions.Count(record => record.Action == "keyring.rewrapped"));
    }

    [Theory]
    [InlineData("announced", false)]
    [InlineData("written", false)]
    [InlineData("renamed", true)]
    [InlineData("flushed", true)]
    [InlineData("promoted", true)]
    public async Task A_crash_at_any_step_leaves_a_keyring_that_the_old_key_opens_and_after_it_the_new_one_too(string step, bool isAfter)
    {
        await using (var first = await OnSqliteAsync(_old))
        {
            CrashAfter(first, step);
            await Assert.ThrowsAsync<TimeoutException>(async () => await first.Lifecycle().WrapAlsoForAsync(Key(_new), AuditActor.System));
        }

        await (await OnSqliteAsync(_old)).DisposeAsync();
        Assert.Equal(isAfter, await OpensAsync(_new));
    }

    [Theory]
    [InlineData("announced", false)]
    [InlineData("written", false)]
    [InlineData("renamed", true)]
    [InlineData("flushed", true)]
    [InlineData("promoted", true)]
    public async Task A_crash_at_any_step_of_the_finish_leaves_a_keyring_that_the_new_key_opens(string step, bool isAfter)
    {
        await using (var first = await OnSqliteAsync(_old))
        {
            await first.Lifecycle().WrapAlsoForAsync(Key(_new), AuditActor.System);
        }

        await using (var second = await OnSqliteAsync(_new))
        {
            CrashAfter(second, step);
            await Assert.ThrowsAsync<TimeoutException>(async () => await second.Lifecycle().WrapOnlyForAsync(null, AuditActor.System));
        }

        await (await OnSqliteAsync(_new)).DisposeAsync();
        Assert.Equal(!isAfter, await OpensAsync(_old));
    }

    [Fact]
    public async Task A_keyring_that_was_not_wrapped_is_wrapped_by_the_new_key_alone()
    {
        await using (var first = await OnSqliteAsync(null))
        {
            Assert.Single(await first.Lifecycle().WrapAlsoForAsync(Key(_new), AuditActor.System));
        }

        Assert.False(await OpensAsync(null));
        Assert.True(await OpensAsync(_new));
    }

    [Fact]
    public async Task A_keyring_wrapped_by_an_earlier_version_opens_and_its_next_change_is_stored_anew()
    {
        await using (var first = await OnSqliteAsync(_old))
        {
            var file = Path.Combine(_folder.Path, "data-keys", "keyring.json");
            var wrapped = StoredByEarlierVersion.Wrapped1(KeyringFormat.Write(first.Ring()), Convert.FromBase64String(_old));
            OwnerOnlyFile.Replace(file, wrapped, null);
        }

        Assert.False(await OpensAsync(_new));
        await using (var second = await OnSqliteAsync(_old))
        {
            await second.Lifecycle().RotateAsync(KeyPurpose.Cursor, AuditActor.System);
            await second.Lifecycle().WrapAlsoForAsync(Key(_new), AuditActor.System);
        }

        Assert.True(await OpensAsync(_new));
    }

    [Fact]
    public async Task A_key_that_is_kept_elsewhere_wraps_the_keyring_and_sees_nothing_of_it()
    {
        var kms = new Kms();
        Keyring keyring;
        await using (var first = OnSqlite(null, kms))
        {
            keyring = await first.KeyringAsync();
            await first.Lifecycle().RotateAsync(KeyPurpose.Audit, AuditActor.System);
        }

        await using var second = OnSqlite(null, kms);
        Assert.Equal(keyring.Id, (await second.KeyringAsync()).Id);
        Assert.All(kms.Wrapped, wrapped => Assert.Equal(32, wrapped.Length));
        Assert.Single(kms.Wrapped); // once for the data key, not for every change
        Assert.Contains(
            "another key-encryption key",
            (await Assert.ThrowsAsync<KeyringException>(() => OpenAsync(_old))).Message,
            StringComparison.Ordinal
        );
    }

    private static KeyEncryptionKey Key(string text)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "kek");
        File.WriteAllText(file, text);
        return KeyEncryptionKey.FromFile(file);
    }

    private static void CrashAfter(ServiceProvider provider, string step) =>
        ((SqliteKeyringStore)provider.GetRequiredService<IKeyringStore>()).AfterStep = reached =>
        {
            if (reached == step)
            {
                throw new TimeoutException("crash");
            }
        };

    private static async Task<ServiceProvider> OnPostgreSqlAsync(string database, string kek)
    {
        var provider = SecurityServices.Start(
            security => security.UsePostgreSql(database),
            settings: ("Autom8:Security:KeyEncryptionKey", kek)
        );
        await provider.KeyringAsync();
        return provider;
    }

    private ServiceProvider OnSqlite(string? kek, IKeyEncryptionKey? kms = null) =>
        SecurityServices.Start(
            security =>
                kms is null
                    ? security.UseSqlite("Data Source=" + Database)
                    : security.UseSqlite("Data Source=" + Database).UseKeyEncryptionKey(_ => kms),
            o => o.KeyEncryptionKey = kek
        );

    private async Task<ServiceProvider> OnSqliteAsync(string? kek)
    {
        var provider = OnSqlite(kek);
        await provider.KeyringAsync();
        return provider;
    }

    private async Task OpenAsync(string? kek)
    {
        await using var copy = new CopyOf(_folder.Path);
        await using var provider = SecurityServices.Start(
            security => security.UseSqlite("Data Source=" + copy.Database),
            o => o.KeyEncryptionKey = kek
        );
        await provider.KeyringAsync();
    }

    private async Task<bool> OpensAsync(string? kek)
    {
        try
        {
            await OpenAsync(kek);
            return true;
        }
        catch (KeyringException)
        {
            return false;
        }
    }

    /// <summary>A copy of data and keys, since a process that has the database open keeps others out.</summary>
    private sealed class CopyOf : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public CopyOf(string from)
        {
            foreach (var folder in new[] { "data", "data-keys" })
            {
                Directory.CreateDirectory(
                    Path.Combine(_folder.Path, folder),
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
                foreach (var file in Directory.GetFiles(Path.Combine(from, folder)))
                {
                    if (!file.EndsWith(".lock", StringComparison.Ordinal))
                    {
                        File.Copy(file, Path.Combine(_folder.Path, folder, Path.GetFileName(file)));
                    }
                }
            }
        }

        public string Database => Path.Combine(_folder.Path, "data", "autom8.db");

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A KMS: wraps by an XOR that only it knows.</summary>
    private sealed class Kms : IKeyEncryptionKey
    {
        private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

        public List<byte[]> Wrapped { get; } = [];

        public string Id => "arn:aws:kms:eu-central-1:111122223333:key/1234";

        public ValueTask<byte[]> WrapAsync(ReadOnlyMemory<byte> dataKey, CancellationToken cancellationToken)
        {
            Wrapped.Add(dataKey.ToArray());
            return UnwrapAsync(dataKey, cancellationToken);
        }

        public async ValueTask<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return [.. wrapped.ToArray().Select((b, i) => (byte)(b ^ _secret[i]))];
        }
    }
}
