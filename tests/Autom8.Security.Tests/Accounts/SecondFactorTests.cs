using Autom8.Security.Accounts;
using Autom8.Security.Audit;
using Autom8.Testing.Security;

namespace Autom8.Security.Tests.Accounts;

public sealed class SqliteSecondFactorTests() : SecondFactorTests("SQLite");

public sealed class PostgreSqlSecondFactorTests() : SecondFactorTests("PostgreSQL");

public abstract class SecondFactorTests(string engine) : SecondFactorContract
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private AccountDatabase database = null!;

    protected override IAuditLog Log => database.Log;

    public override async Task InitializeAsync() => database = await AccountDatabase.CreateAsync(engine, Time);

    public override async Task DisposeAsync() => await database.DisposeAsync();

    protected override AccountService CreateService() => database.Service();

    protected override string Code(string base32, TotpAlgorithm algorithm, DateTimeOffset at) =>
        Totp.Compute(Decode(base32), at.ToUnixTimeSeconds() / 30, algorithm);

    // Written apart from the encoder.
    private static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(c => Convert.ToString(Alphabet.IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(chunk => chunk.Length == 8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
    }
}
