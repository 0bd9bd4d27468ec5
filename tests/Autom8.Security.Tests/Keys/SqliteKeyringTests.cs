using System.Text;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Storage.Sqlite;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Autom8.Security.Tests.Keys;

public sealed class SqliteKeyringTests : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    private string Database => Path.Combine(_folder.Path, "data", "autom8.db");

    private string KeyringFile => Path.Combine(_folder.Path, "data-keys", "keyring.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_run_creates_an_owner_only_keyring_beside_the_data_folder_and_later_runs_find_it()
    {
        var first = await RunAsync();
        var second = await RunAsync();
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(first.Keys.Select(key => key.Id), second.Keys.Select(key => key.Id));
        Assert.Equal([KeyringFile], Directory.GetFiles(Path.GetDirectoryName(KeyringFile)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(OwnerFile, File.GetUnixFileMode(KeyringFile));
            Assert.Equal(OwnerFolder, File.GetUnixFileMode(Path.GetDirectoryName(KeyringFile)!));
        }
    }

    [Fact]
    public async Task The_data_folder_holds_no_key_material()
    {
        var keyring = await RunAsync();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(Database)!))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            foreach (var key in keyring.Keys)
            {
                Assert.Equal(-1, bytes.AsSpan().IndexOf(key.Material[^16..]));
                Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Convert.ToBase64String(key.Material)[..20])));
            }
        }
    }

    [Fact]
    public async Task A_field_written_before_a_restart_is_read_after_it()
    {
        var context = new FieldContext("contact", "email_encrypted", Guid.CreateVersion7(Keyrings.Start));
        EncryptedField field;
        await using (var first = Start())
        {
            await first.KeyringAsync();
            field = first.GetRequiredService<IFieldProtector>().Protect("someone@example.org", context);
        }

        await using var second = Start();
        await second.KeyringAsync();
        Assert.Equal("someone@example.org", second.GetRequiredService<IFieldProtector>().Unprotect(field, context));
    }

    [Fact]
    public async Task A_missing_keyring_beside_a_used_database_refuses_to_start_and_creates_nothing()
    {
        var keyring = await RunAsync();
        File.Delete(KeyringFile);
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync());
        Assert.Contains(keyring.Id, refused.Message, StringComparison.Ordinal);
        Assert.Contains(KeyringFile, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(KeyringFile)!));
    }

    [Fact]
    public async Task A_keyring_moved_elsewhere_is_found_by_the_setting()
    {
        var keyring = await RunAsync();
        var moved = Path.Combine(_folder.Path, "vault", "ring");
        CreateFolder(Path.GetDirectoryName(moved)!);
        File.Move(KeyringFile, moved);
        Assert.Equal(keyring.Id, (await RunAsync(settings: ("Autom8:Security:KeyringPath", moved))).Id);
    }

    [Fact]
    public async Task The_keyring_of_another_database_is_refused_and_both_are_named()
    {
        var other = KeyringFormat.Write(Keyrings.New());
        var mine = await RunAsync();
        await File.WriteAllBytesAsync(KeyringFile, other);
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync());
        Assert.Contains(mine.Id, refused.Message, StringComparison.Ordinal);
        Assert.Contains(KeyringFormat.Read(other, "").Id, refused.Message, StringComparison.Ordinal);
        Assert.Equal(other, await File.ReadAllBytesAsync(KeyringFile));
    }

    [Fact]
    public async Task A_keyring_with_the_same_id_but_other_keys_is_refused()
    {
        var keyring = await RunAsync();
        await File.WriteAllBytesAsync(KeyringFile, KeyringFormat.Write(Keyrings.Rotated(keyring, KeyPurpose.Audit)));
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync());
        Assert.Contains("not the same keys", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_keyring_is_refused_and_left_alone()
    {
        await RunAsync();
        var cut = (await File.ReadAllBytesAsync(KeyringFile))[..200];
        await File.WriteAllBytesAsync(KeyringFile, cut);
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync());
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
        Assert.Equal(cut, await File.ReadAllBytesAsync(KeyringFile));
    }

    /// <summary>What a crash leaves between the keyring's file and the row that names it.</summary>
    [Fact]
    public async Task A_keyring_that_no_database_names_yet_is_taken_up()
    {
        var keyring = Keyrings.New();
        CreateFolder(Path.GetDirectoryName(KeyringFile)!);
        OwnerOnlyFile.Create(KeyringFile, KeyringFormat.Write(keyring));
        Assert.Equal(keyring.Id, (await RunAsync()).Id);
        File.Delete(KeyringFile);
        await Assert.ThrowsAsync<KeyringException>(() => RunAsync());
    }

    /// <summary>What a crash leaves in the middle of writing the file.</summary>
    [Fact]
    public async Task A_half_written_temporary_file_is_not_taken_for_a_keyring()
    {
        CreateFolder(Path.GetDirectoryName(KeyringFile)!);
        OwnerOnlyFile.Create(KeyringFile + ".abc.tmp", KeyringFormat.Write(Keyrings.New()).AsSpan(0, 300));
        var keyring = await RunAsync();
        Assert.Equal(keyring.Id, (await RunAsync()).Id);
    }

    [Fact]
    public async Task A_keyring_that_others_may_read_is_refused_with_the_command_that_mends_it()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await RunAsync();
        File.SetUnixFileMode(KeyringFile, OwnerFile | UnixFileMode.GroupRead);
        Assert.Contains(
            $"chmod 600 '{KeyringFile}'",
            (await Assert.ThrowsAsync<KeyringException>(() => RunAsync())).Message,
            StringComparison.Ordinal
        );
        File.SetUnixFileMode(KeyringFile, OwnerFile);
        var folder = Path.GetDirectoryName(KeyringFile)!;
        File.SetUnixFileMode(folder, OwnerFolder | UnixFileMode.OtherWrite);
        Assert.Contains(
            $"chmod 700 '{folder}'",
            (await Assert.ThrowsAsync<KeyringException>(() => RunAsync())).Message,
            StringComparison.Ordinal
        );
        File.SetUnixFileMode(folder, OwnerFolder);
        await RunAsync();
    }

    [Theory]
    [InlineData("data/keyring.json")]
    [InlineData("data/keys/keyring.json")]
    [InlineData("data-keys/../data/keyring.json")]
    public async Task A_keyring_in_the_data_folder_is_refused(string path)
    {
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync(o => o.KeyringPath = Path.Combine(_folder.Path, path)));
        Assert.Contains("Autom8:Security:KeyringPath", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_folder_whose_name_begins_like_the_data_folders_is_outside_it() =>
        Assert.Equal("/srv/database/k", SqliteKeyringStore.PathOf("/srv/data/autom8.db", "/srv/database/k"));

    [Fact]
    public void A_taken_name_is_never_overwritten()
    {
        var path = Path.Combine(_folder.Path, "ring", "keyring.json");
        OwnerOnlyFile.Create(path, [1, 2, 3]);
        Assert.Throws<KeyringException>(() => OwnerOnlyFile.Create(path, [4, 5, 6]));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task With_a_key_encryption_key_the_file_is_wrapped_and_needs_it()
    {
        var kek = Convert.ToBase64String([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        var keyring = await RunAsync(settings: ("Autom8:Security:KeyEncryptionKey", kek));
        var bytes = await File.ReadAllBytesAsync(KeyringFile);
        Assert.Equal(-1, bytes.AsSpan().IndexOf("keys"u8));
        Assert.Equal(keyring.Id, (await RunAsync(settings: ("Autom8:Security:KeyEncryptionKey", kek + "\n"))).Id);
        Assert.Contains("none is given", (await Assert.ThrowsAsync<KeyringException>(() => RunAsync())).Message, StringComparison.Ordinal);
        var other = Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync(o => o.KeyEncryptionKey = other));
        Assert.Contains("another key-encryption key", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(other, refused.Message, StringComparison.Ordinal);
        for (var i = 0; i < bytes.Length; i += (bytes.Length / 12))
        {
            var altered = bytes.ToArray();
            altered[i] ^= 0x10;
            await File.WriteAllBytesAsync(KeyringFile, altered);
            await Assert.ThrowsAsync<KeyringException>(() => RunAsync(o => o.KeyEncryptionKey = kek));
        }
    }

    [Fact]
    public async Task The_keyring_is_created_before_the_first_row_can_be_written()
    {
        await using var provider = Start();
        Assert.False(File.Exists(KeyringFile));
        await provider.KeyringAsync();
        Assert.True(File.Exists(KeyringFile));
        var database = provider.GetRequiredService<DatabaseRegistry>().Sqlite("Data Source=" + Database);
        Assert.Equal(
            1L,
            database.Read(
                database,
                static (session, db) => session.Command($"select count(*) from {db.TablePrefix}keyring_check").ExecuteScalar()
            )
        );
    }

    private ServiceProvider Start(Action<SecurityOptions>? configure = null, params (string, string)[] settings) =>
        SecurityServices.Start(security => security.UseSqlite("Data Source=" + Database), configure, settings);

    private async Task<Keyring> RunAsync(Action<SecurityOptions>? configure = null, params (string, string)[] settings)
    {
        await using var provider = Start(configure, settings);
        return await provider.KeyringAsync();
    }

    private static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerFolder);
        }
    }
}
