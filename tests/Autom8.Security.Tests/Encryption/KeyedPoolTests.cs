using Autom8.Security.Encryption;

namespace Autom8.Security.Tests.Encryption;

public sealed class KeyedPoolTests
{
    [Fact]
    public void Nothing_is_made_of_a_key_that_is_wiped()
    {
        var pool = new Pool();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(pool.Rent);
        Assert.True(pool.Made!.IsDisposed);
    }

    [Fact]
    public void What_is_made_while_the_key_is_wiped_is_not_handed_out()
    {
        using var pool = new Pool { DisposesMeanwhile = true };
        Assert.Throws<ObjectDisposedException>(pool.Rent);
        Assert.True(pool.Made!.IsDisposed);
    }

    [Fact]
    public void What_was_out_is_disposed_of_when_it_comes_back()
    {
        var pool = new Pool();
        var primitive = pool.Rent();
        pool.Dispose();
        Assert.False(primitive.IsDisposed);
        pool.Return(primitive);
        Assert.True(primitive.IsDisposed);
    }

    private sealed class Pool() : KeyedPool<Primitive>([1, 2, 3], others: 1)
    {
        public bool DisposesMeanwhile { get; init; }

        public Primitive? Made { get; private set; }

        protected override Primitive Create(ReadOnlySpan<byte> key)
        {
            if (DisposesMeanwhile)
            {
                Dispose();
            }

            return Made = new Primitive();
        }
    }

    private sealed class Primitive : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
