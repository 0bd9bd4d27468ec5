using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;
using Autom8.Security.Passwords;

namespace Autom8.Security.Tests.Accounts;

/// <summary>A fresh database on one engine with all that accounts have in it, put together as the container does.</summary>
internal sealed class AccountDatabase : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly TimeProvider time;

    private AccountDatabase(TestDatabase database, TimeProvider time)
    {
        this.database = database;
        this.time = time;
        Hasher = QuickPasswords.Hasher(Keyrings);
        Log = database switch
        {
            SqliteTestDatabase sqlite => new SqliteAuditLog(sqlite.Database, Keyrings, new FieldProtector(Keyrings), time),
            PostgreSqlTestDatabase postgreSql => new PostgreSqlAuditLog(postgreSql.Database, Keyrings, new FieldProtector(Keyrings), time),
            _ => throw new NotSupportedException(),
        };
    }

    public RotatingKeyring Keyrings { get; } = new();

    public PasswordHasher Hasher { get; }

    public IAuditLog Log { get; }

    public IAccountStore Accounts =>
        database switch
        {
            SqliteTestDatabase sqlite => new SqliteAccountStore(sqlite.Database, Log),
            PostgreSqlTestDatabase postgreSql => new PostgreSqlAccountStore(postgreSql.Database, Log),
            _ => throw new NotSupportedException(),
        };

    public IApiKeyStore Keys =>
        database switch
        {
            SqliteTestDatabase sqlite => new SqliteApiKeyStore(sqlite.Database, Log),
            PostgreSqlTestDatabase postgreSql => new PostgreSqlApiKeyStore(postgreSql.Database, Log),
            _ => throw new NotSupportedException(),
        };

    public static async Task<AccountDatabase> CreateAsync(string engine, TimeProvider time) =>
        new(engine == "SQLite" ? new SqliteTestDatabase() : await PostgreSqlTestDatabase.CreateAsync(), time);

    public AccountService Service(IPasswordHasher? hasher = null) =>
        new(Accounts, Log, hasher ?? Hasher, new SecondFactors(Keyrings, "autom8"), time);

    public ApiKeys ApiKeys(AccountService accounts) => new(Keys, accounts, Keyrings, time);

    public async ValueTask DisposeAsync()
    {
        Hasher.Dispose();
        await database.DisposeAsync();
    }
}
