namespace Autom8.Benchmarks.Caching.Gate;

/// <summary>The keys and values of the rows about hits: a thousand and some, so that a key is not always the one just read.</summary>
internal static class Catalog
{
    public const int Size = 1024;
    public const int Mask = Size - 1;

    public static readonly string[] Keys = [.. Enumerable.Range(0, Size).Select(id => $"product:{id}")];
    public static readonly Product[] Products =
    [
        .. Enumerable.Range(0, Size).Select(id => new Product(id, $"A product with an ordinary name {id}", id * 1.25m)),
    ];
    public static readonly PlainProduct[] PlainProducts =
    [
        .. Products.Select(product => new PlainProduct(product.Id, product.Name, product.Price)),
    ];
    public static readonly string[] Tags = ["products", "category:7"];
}
