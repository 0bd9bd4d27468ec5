namespace Autom8.Benchmarks.Harness;

/// <summary>A named loop of synchronous calls.</summary>
internal abstract class LoopCase(string name)
{
    public string Name { get; } = name;

    /// <summary>Before each turn: makes what may not run while another case does.</summary>
    public virtual void Begin() { }

    /// <summary>After each turn.</summary>
    public virtual void End() { }

    /// <summary>Runs the operations <paramref name="start"/> and following.</summary>
    public abstract int Run(int start, int count);

    public static LoopCase Of<TOperation>(string name, TOperation operation)
        where TOperation : struct, IOperation => new Loop<TOperation>(name, operation);

    private sealed class Loop<TOperation>(string name, TOperation operation) : LoopCase(name)
        where TOperation : struct, IOperation
    {
        private readonly TOperation _operation = operation;

        public override int Run(int start, int count)
        {
            var operation = _operation;
            var sum = 0;
            for (var i = 0; i < count; i++)
            {
                sum += operation.Invoke(start + i);
            }

            return sum;
        }
    }
}
