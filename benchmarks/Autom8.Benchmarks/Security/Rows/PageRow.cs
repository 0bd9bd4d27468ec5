using Autom8.Benchmarks.Harness;
using Autom8.Benchmarks.Security.Gate;
using Autom8.Security.Encryption;

namespace Autom8.Benchmarks.Security.Rows;

/// <summary>Decrypts two fields of each of a hundred contacts: with the contacts' keys in memory, and with keys that must be unwrapped first.</summary>
internal sealed class PageRow : IRow
{
    public string Name => "page";

    public bool IsRace => true;

    public Task<IReadOnlyList<Measure>> RunAsync(GateOptions options)
    {
        using var workload = new ContactWorkload();
        var race = new LoopRace(
            options,
            [
                LoopCase.Of("ours", new Warm(workload, new byte[128])),
                LoopCase.Of("cold", new Cold(workload, new byte[128])),
                LoopCase.Of(Peer.DataProtection, new Theirs(workload)),
            ]
        );
        race.WarmUp();
        var figures = race.Run(threads: 1);
        const string setting = "100 contacts, 2 fields, a key of each";
        return Task.FromResult<IReadOnlyList<Measure>>([
            new Measure($"{Name}.warm", "page, keys in memory", setting, "1", "ns", figures[0], [figures[2]]),
            new Measure($"{Name}.cold", "page, keys unwrapped", setting, "1", "ns", figures[1] with { Case = "ours" }, [figures[2]]),
        ]);
    }

    private static int Decrypt(ContactWorkload workload, byte[] destination)
    {
        var sum = 0;
        var reading = workload.Keys.ReadAsync(workload.Ids);
        using var lease = reading.IsCompletedSuccessfully ? reading.Result : reading.AsTask().GetAwaiter().GetResult();
        for (var i = 0; i < workload.OurFields.Length; i++)
        {
            if (
                !workload.Ours.TryUnprotect(
                    workload.OurFields[i],
                    workload.Context(i),
                    destination,
                    out var written,
                    out FieldProtectionFailure? failure
                )
            )
            {
                throw new InvalidOperationException($"Field {i}: {failure}.");
            }

            sum += written;
        }

        return sum;
    }

    private readonly struct Warm(ContactWorkload workload, byte[] destination) : IOperation
    {
        public int Invoke(int index) => Decrypt(workload, destination);
    }

    private readonly struct Cold(ContactWorkload workload, byte[] destination) : IOperation
    {
        public int Invoke(int index)
        {
            foreach (var id in workload.Ids)
            {
                workload.Keys.Forget(id);
            }

            return Decrypt(workload, destination);
        }
    }

    private readonly struct Theirs(ContactWorkload workload) : IOperation
    {
        public int Invoke(int index)
        {
            var sum = 0;
            foreach (var field in workload.TheirFields)
            {
                sum += workload.Theirs.Unprotect(field).Length;
            }

            return sum;
        }
    }
}
