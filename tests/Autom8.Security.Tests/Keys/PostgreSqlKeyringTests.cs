using System.Security.Cryptography;
using Autom8.Security.Keys;
using Autom8.Storage;
using Autom8.Testing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Autom8.Security.Tests.Keys;

public sealed class PostgreSqlKeyringTests : IAsyncLifetime
{
    private readonly string _kek = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private string _database = "";

    public async Task InitializeAsync() => _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Eight_nodes_that_start_at_once_on_an_empty_database_share_one_keyring()
    {
        var keyrings = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => RunAsync())));
        Assert.Single(keyrings.Select(keyring => keyring.Id).Distinct());
        Assert.Single(keyrings.Select(keyring => Convert.ToHexString(keyring.Active(KeyPurpose.FieldEncryption).Material)).Distinct());
        Assert.Equal(keyrings[0].Id, (await RunAsync()).Id);
        Assert.Equal(
            (1L, 1L),
            (await ScalarAsync("select count(*) from autom8.keyring"), await ScalarAsync("select count(*) from autom8.keyring_check"))
        );
    }

    [Fact]
    public async Task The_database_holds_no_key_material()
    {
        var keyring = await RunAsync();
        var wrapped = (byte[])(await ScalarAsync("select wrapped from autom8.keyring"))!;
        Assert.All(keyring.Keys, key => Assert.Equal(-1, wrapped.AsSpan().IndexOf(key.Material[^8..])));
        Assert.Equal(-1, wrapped.AsSpan().IndexOf("material"u8));
    }

    [Fact]
    public async Task Without_a_key_encryption_key_the_start_is_refused_and_the_message_says_how_to_make_one()
    {
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync(kek: null));
        Assert.Contains("openssl rand -base64 32", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Autom8__Security__KeyEncryptionKey", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("c2hvcnQ=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task A_key_that_is_not_32_random_bytes_is_refused_without_being_shown(string kek)
    {
        var refused = await Assert.ThrowsAsync<KeyringException>(() => RunAsync(kek));
        Assert.Contains("Autom8:Security:KeyEncryptionKey", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(kek, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_encryption_key_may_come_from_a_file()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "kek");
        var missing = await Assert.ThrowsAsync<KeyringException>(() => RunAsync(kek: null, o => o.KeyEncryptionKeyFile = file));
        Assert.Contains(file, missing.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, _kek + "\n");
        var keyring = await RunAsync(kek: null, o => o.KeyEncryptionKeyFile = file);
        Assert.Equal(keyring.Id, (await RunAsync()).Id);
        await Assert.ThrowsAsync<KeyringException>(() => RunAsync(_kek, o => o.KeyEncryptionKeyFile = file));
    }

    [Fact]
    public async Task Another_key_encryption_key_is_refused()
    {
        await RunAsync();
        var refused = await Assert.ThrowsAsync<KeyringException>(() =>
            RunAsync(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)))
        );
        Assert.Contains("another key-encryption key", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("delete from autom8.keyring")]
    [InlineData("delete from autom8.keyring_check")]
    [InlineData("update autom8.keyring set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1)")]
    [InlineData("update autom8.keyring set wrapped = substring(wrapped for 20)")]
    [InlineData("update autom8.keyring_check set keyring_id = 'other'")]
    [InlineData("update autom8.keyring_check set check_value = set_byte(check_value, 0, get_byte(check_value, 0) # 1)")]
    public async Task A_lost_or_altered_keyring_refuses_to_start_and_nothing_is_created(string damage)
    {
        await RunAsync();
        await ScalarAsync(damage);
        var before = await StateAsync();
        await Assert.ThrowsAsync<KeyringException>(() => RunAsync());
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task A_data_source_of_the_callers_will_do()
    {
        var keyring = await RunAsync();
        await using var source = NpgsqlDataSource.Create(_database);
        await using var provider = SecurityServices.Start(security => security.UsePostgreSql(source), o => o.KeyEncryptionKey = _kek);
        Assert.Equal(keyring.Id, (await provider.KeyringAsync()).Id);
    }

    private Task<Keyring> RunAsync() => RunAsync(_kek);

    private async Task<Keyring> RunAsync(string? kek, Action<SecurityOptions>? configure = null)
    {
        await using var provider = SecurityServices.Start(
            security => security.UsePostgreSql(_database),
            configure,
            kek is null ? [] : [("Autom8:Security:KeyEncryptionKey", kek)]
        );
        return await provider.KeyringAsync();
    }

    private Task<object?> StateAsync() =>
        ScalarAsync(
            "select (select coalesce(string_agg(k::text, ','), '') from autom8.keyring k) || '/' || (select coalesce(string_agg(c::text, ','), '') from autom8.keyring_check c)"
        );

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
