namespace Autom8.Benchmarks.Caching.Rows;

/// <summary>Keys in a fixed random order in which the k-th most popular comes up in proportion to 1/k^exponent.</summary>
internal sealed class ZipfWorkload
{
    private readonly string[] _sequence;

    private ZipfWorkload(string[] sequence) => _sequence = sequence;

    /// <param name="keys">How many keys there are.</param>
    /// <param name="exponent">How unequal they are.</param>
    /// <param name="length">How many questions until it begins again; a power of two.</param>
    /// <param name="seed">Every run of the gate asks the same.</param>
    public static ZipfWorkload Create(int keys, double exponent, int length, int seed)
    {
        var names = Enumerable.Range(0, keys).Select(id => $"product:{id}").ToArray();
        var cumulated = new double[keys];
        var sum = 0.0;
        for (var rank = 0; rank < keys; rank++)
        {
            cumulated[rank] = sum += Math.Pow(rank + 1, -exponent);
        }

        var random = new Random(seed);
        random.Shuffle(names);
        var sequence = new string[length];
        for (var i = 0; i < length; i++)
        {
            var rank = Array.BinarySearch(cumulated, random.NextDouble() * sum);
            sequence[i] = names[Math.Min(rank < 0 ? ~rank : rank, keys - 1)];
        }

        return new ZipfWorkload(sequence);
    }

    public string Key(int index) => _sequence[index & (_sequence.Length - 1)];
}
