using System.Data.Common;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Testing.Security;

namespace Autom8.Security.Tests.Encryption;

public sealed class SqliteSubjectKeyTests : SubjectKeyContract
{
    private readonly SqliteTestDatabase database = new();
    private readonly Keyring keyring = Keyrings.New();

    public override Task InitializeAsync() => Task.CompletedTask;

    public override async Task DisposeAsync() => await database.DisposeAsync();

    protected override (ISubjectKeys Keys, IFieldProtector Fields) CreateNode() =>
        SubjectNodes.Over(new SqliteSubjectKeyStore(database.Database), keyring, Time);

    protected override ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) => database.InTransactionAsync(work);

    protected override ValueTask ExecuteAsync(string sql) => database.ExecuteAsync(sql);

    [Fact]
    public async Task A_wrapped_key_that_was_shredded_is_overwritten_in_the_file()
    {
        var (keys, fields) = CreateNode();
        var subject = Guid.CreateVersion7(Keyrings.Start);
        await WriteAsync(keys, fields, subject, "secret");
        var wrapped = (await new SqliteSubjectKeyStore(database.Database).ReadAsync([subject], default))[0].Wrapped!;

        await keys.ShredAsync(subject, default);
        await database.Database.DisposeAsync(); // folds the write-ahead log into the file

        Assert.Equal(-1, (await File.ReadAllBytesAsync(database.Database.Path)).AsSpan().IndexOf(wrapped.AsSpan(13, 32)));
    }
}

public sealed class PostgreSqlSubjectKeyTests : SubjectKeyContract
{
    private readonly Keyring keyring = Keyrings.New();
    private PostgreSqlTestDatabase database = null!;

    public override async Task InitializeAsync() => database = await PostgreSqlTestDatabase.CreateAsync();

    public override async Task DisposeAsync() => await database.DisposeAsync();

    protected override (ISubjectKeys Keys, IFieldProtector Fields) CreateNode() =>
        SubjectNodes.Over(new PostgreSqlSubjectKeyStore(database.Database), keyring, Time);

    protected override ValueTask InTransactionAsync(Func<DbTransaction, ValueTask> work) => database.InTransactionAsync(work);

    protected override ValueTask ExecuteAsync(string sql) => database.ExecuteAsync(sql);
}
