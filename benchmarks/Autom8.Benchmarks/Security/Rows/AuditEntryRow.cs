using Autom8.Benchmarks.Harness;
using Autom8.Security.Audit;
using Autom8.Security.Encryption;
using Autom8.Security.Keys;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>What an audit entry costs before it goes to the database: its rules, its id, and the MAC over all its columns.</summary>
internal sealed class AuditEntryRow : IRow
{
    public string Name => "audit";

    public bool IsRace => true;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        var keyring = Keyring.Create(TimeProvider.System);
        var mac = new AuditRowMac(new AuditKeys(keyring), new AuditPersonal(new FieldProtector(keyring), keys: null));
        var race = new LoopRace(options, [LoopCase.Of("ours", new Append(mac))]);
        race.WarmUp();
        var figures = race.Run(threads: 1);
        return Task.FromResult<IReadOnlyList<Measure>>([
            new Measure(Name, "audit entry, before the database", "details of 100 bytes", "1", "ns", figures[0], []),
        ]);
    }

    private readonly struct Append(AuditRowMac mac) : IOperation
    {
        private static readonly AuditEntry Entry = new(
            "contact.updated",
            new AuditActor("ada", "0198c0de00007000a000000000000001"),
            "contact",
            "0198c0de-0000-7000-a000-000000000002",
            """{"fields":["phones","emails","organization"],"version":{"from":6,"to":7},"source":"import","row":1234}"""
        );

        public int Invoke(int index) => mac.Create(Entry, TimeProvider.System.GetUtcNow()).Mac[0];
    }
}
