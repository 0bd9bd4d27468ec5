namespace Autom8.Benchmarks.Harness;

/// <summary>A named asynchronous call, kept in flight by several workers.</summary>
internal abstract class AsyncCase(string name)
{
    public string Name { get; } = name;

    /// <summary>One worker's calls, one after another; each worker's indices are its own.</summary>
    public abstract Task RunAsync(int worker, int workers, int count);

    public static AsyncCase Of<TOperation, T>(string name, TOperation operation)
        where TOperation : struct, IAsyncOperation<T> => new Calls<TOperation, T>(name, operation);

    private sealed class Calls<TOperation, T>(string name, TOperation operation) : AsyncCase(name)
        where TOperation : struct, IAsyncOperation<T>
    {
        public override async Task RunAsync(int worker, int workers, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var index = worker + (i * workers);
                operation.Check(await operation.InvokeAsync(index), index);
            }
        }
    }
}
