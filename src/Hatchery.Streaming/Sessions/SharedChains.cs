using Hatchery.Disks;
using Hatchery.Mirroring;

namespace Hatchery.Streaming;

/// <summary>What sessions read below their write caches: a chain of layers is opened once, for all sessions on it at this server. Thread-safe.</summary>
internal sealed class SharedChains(Store store, FarmId farm)
{
    private readonly Lock _gate = new();

    // By the layer on top, whose parents are a part of what it is.
    private readonly Dictionary<LayerId, (Lazy<StoreOutcome<IBlockReader>> Chain, int Users)> _open = [];

    /// <summary>Opens the chain, or waits for who is doing that. It is given back by its top layer.</summary>
    public IBlockReader Take(IReadOnlyList<LayerId> layers)
    {
        var top = layers[^1];
        Lazy<StoreOutcome<IBlockReader>> chain;
        lock (_gate)
        {
            (chain, var users) = _open.GetValueOrDefault(top, (new(() => store.OpenChain(farm, layers)), 0));
            _open[top] = (chain, users + 1);
        }
        StoreFault? fault = null;
        try
        {
            (var reader, fault) = chain.Value;
            if (reader is not null)
                return reader;
        }
        catch
        {
            GiveBack(top);
            throw;
        }
        GiveBack(top);
        throw new SessionDiskException($"image {top}: {fault}", OpeningFailure.TryAgain);
    }

    public void GiveBack(LayerId top)
    {
        lock (_gate)
        {
            var (chain, users) = _open[top];
            if (users > 1)
            {
                _open[top] = (chain, users - 1);
                return;
            }
            _open.Remove(top);
            if (chain.IsValueCreated)
                chain.Value.Value?.Dispose();
        }
    }
}
