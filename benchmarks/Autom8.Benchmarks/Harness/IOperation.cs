namespace Autom8.Benchmarks.Harness;

/// <summary>What a loop does over and over. Implemented by structs, so that each case gets a loop compiled for it alone: a shared one would see the call sites of all.</summary>
internal interface IOperation
{
    /// <returns>Anything that depends on the result, so that nothing is optimised away.</returns>
    int Invoke(int index);
}
