using Autom8.Security.Keys;
using Autom8.Testing;

namespace Autom8.Security.Tests.Keys;

public sealed class OwnerOnlyFileTests
{
    [Fact]
    public void What_could_not_be_read_back_is_not_written()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys", "keyring.json");
        OwnerOnlyFile.Create(path, "first"u8);

        var refused = Assert.Throws<KeyringException>(() =>
            OwnerOnlyFile.Replace(path, new byte[OwnerOnlyFile.MaxLength + 1], afterStep: null)
        );

        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.Equal("first"u8.ToArray(), OwnerOnlyFile.Read(path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void More_than_a_mebibyte_is_read_back()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "keys", "keyring.json");
        OwnerOnlyFile.Create(path, new byte[(1 << 20) + 1]);
        Assert.Equal((1 << 20) + 1, OwnerOnlyFile.Read(path)!.Length);
    }
}
