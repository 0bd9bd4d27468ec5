using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>Encrypts a value of 32 bytes: ours under its subject's key, bound to table, column, row and subject; theirs bound to a purpose.</summary>
internal sealed class FieldRow : IRow
{
    public string Name => "field";

    public bool IsRace => true;

    public async Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var workload = new ContactWorkload();
        using var lease = await workload.Keys.ReadAsync(workload.Ids);
        var race = new LoopRace(
            options,
            [LoopCase.Of("ours", new Ours(workload, new byte[128])), LoopCase.Of(Peer.DataProtection, new Theirs(workload))]
        );
        race.WarmUp();
        var figures = race.Run(threads: 1);
        return [new Measure(Name, "encrypt 32 bytes", "a key of each of 100 subjects", "1", "ns", figures[0], [figures[1]])];
    }

    private readonly struct Ours(ContactWorkload workload, byte[] destination) : IOperation
    {
        public int Invoke(int index)
        {
            var at = (int)((uint)index % (2 * ContactWorkload.Contacts));
            return workload.Ours.Protect(workload.Values[at], workload.Context(at), destination);
        }
    }

    private readonly struct Theirs(ContactWorkload workload) : IOperation
    {
        public int Invoke(int index) => workload.Theirs.Protect(workload.Values[(uint)index % (2 * ContactWorkload.Contacts)]).Length;
    }
}
