namespace Autom8.Benchmarks.Harness;

/// <summary>An asynchronous call that is made over and over. Implemented by structs, as <see cref="IOperation"/> is.</summary>
/// <typeparam name="T">What it brings.</typeparam>
internal interface IAsyncOperation<T>
{
    ValueTask<T> InvokeAsync(int index);

    /// <summary>Throws when the result is not what was stored: a benchmark of wrong answers is worth nothing.</summary>
    void Check(T result, int index);
}
