using System.ComponentModel;

namespace Autom8.Benchmarks.Caching;

/// <summary>Marked immutable, so that every cache that looks may share it.</summary>
[ImmutableObject(true)]
public sealed record Product(int Id, string Name, decimal Price);

/// <summary>The same without the mark: caches that care must copy it.</summary>
public sealed record PlainProduct(int Id, string Name, decimal Price);
