using Autom8.Client;
using Autom8.Host.Tests.Running;
using Npgsql;

namespace Autom8.Host.Tests.Operation;

/// <summary>After an import of every sample, no phone number or e-mail address stands readable in any file, log, table or Redis dump, in any of its written forms.</summary>
public abstract class PlaintextAtRestTests(ServiceFixture service)
{
    [Fact]
    public async Task No_imported_address_is_readable_in_any_place_where_the_service_leaves_something()
    {
        var client = await service.SignInAsync();
        foreach (var path in Directory.GetFiles(Path.Combine(Programs.RepositoryRoot, "samples", "data")))
        {
            if (Path.GetExtension(path) is not (".vcf" or ".csv"))
            {
                continue;
            }

            await using var file = File.OpenRead(path);
            var format = path.EndsWith(".csv", StringComparison.Ordinal) ? ContactFileFormat.Csv : ContactFileFormat.VCard;
            await foreach (var _ in client.ImportContactsAsync(file, format)) { }
        }

        var search = new ByteSearch();
        var found = 0;
        await foreach (var contact in client.ListContactsAsync())
        {
            // Through the cache too, so that Redis holds them all, and by search, so that a log would.
            await client.GetContactAsync(contact.Id);
            foreach (var phone in contact.Phones)
            {
                search.AddPhone(phone.Value).AddPhone(phone.Normalized!);
                Assert.Contains(contact.Id, (await client.FindByPhoneAsync(phone.Value)).Select(c => c.Id));
                found++;
            }

            foreach (var email in contact.Emails)
            {
                search.Add(email.Value).Add(email.Normalized!);
                Assert.Contains(contact.Id, (await client.FindByEmailAsync(email.Value.ToUpperInvariant())).Select(c => c.Id));
                found++;
            }
        }

        Assert.True(found > 500, $"Only {found} addresses were imported.");
        Assert.Empty(search.Search(System.Text.Encoding.UTF8.GetBytes(service.Log), "log"));
        await SearchAsync(search);
    }

    /// <summary>Looks where the engine keeps things.</summary>
    protected abstract Task SearchAsync(ByteSearch search);

    /// <summary>The same search finds a text that is there, so that finding nothing means something.</summary>
    protected static void AssertFindsWhatIsThere(ByteSearch search, string folder)
    {
        var planted = Path.Combine(folder, "planted.bin");
        File.WriteAllText(planted, "…planted-address@example.org…");
        Assert.NotEmpty(search.Add("planted-address@example.org").SearchFolder(folder));
        File.Delete(planted);
    }
}

public sealed class SqlitePlaintextAtRestTests(ServiceFixture service) : PlaintextAtRestTests(service), IClassFixture<ServiceFixture>
{
    private readonly ServiceFixture _service = service;

    protected override Task SearchAsync(ByteSearch search)
    {
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_service.Folder, "data"), "*.db-wal"));
        Assert.Empty(search.SearchFolder(_service.Folder));
        AssertFindsWhatIsThere(search, _service.Folder);
        return Task.CompletedTask;
    }
}

public sealed class PostgreSqlPlaintextAtRestTests(PostgreSqlServiceFixture service)
    : PlaintextAtRestTests(service),
        IClassFixture<PostgreSqlServiceFixture>
{
    private readonly PostgreSqlServiceFixture _service = service;

    protected override async Task SearchAsync(ByteSearch search)
    {
        await using (var connection = new NpgsqlConnection(_service.Settings["ConnectionStrings:PostgreSql"]))
        {
            await connection.OpenAsync();
            await using var checkpoint = new NpgsqlCommand("checkpoint", connection);
            await checkpoint.ExecuteNonQueryAsync();
        }

        // The server's own files: tables, indexes, write-ahead log, its log.
        Assert.Empty(search.SearchFolder(PostgreSqlServer.Shared.DataFolder));
        var dump = await RedisServer.Shared.DumpAsync();
        Assert.True(new FileInfo(dump).Length > 50_000, "Redis holds too little: the cache did not reach it.");
        Assert.Empty(search.SearchFile(dump));
        Assert.Empty(search.SearchFolder(_service.Folder));
        AssertFindsWhatIsThere(search, _service.Folder);
    }
}
