using System.Collections.Concurrent;

namespace Akka.Remote;

/// <summary>A failure detector for each resource, made when its first heartbeat comes.</summary>
public interface IFailureDetectorRegistry<in T>
{
    /// <summary>True while the resource is thought to be there, also when nothing is known of it.</summary>
    bool IsAvailable(T resource);

    /// <summary>True once the resource had a heartbeat.</summary>
    bool IsMonitoring(T resource);

    /// <summary>Takes note of a heartbeat of the resource.</summary>
    void Heartbeat(T resource);

    /// <summary>Forgets the resource.</summary>
    void Remove(T resource);

    /// <summary>Forgets all.</summary>
    void Reset();
}

/// <summary>A failure detector for each resource, made by a factory; safe from any thread.</summary>
public class DefaultFailureDetectorRegistry<T>(Func<FailureDetector> factory) : IFailureDetectorRegistry<T>
    where T : notnull
{
    private readonly ConcurrentDictionary<T, Lazy<FailureDetector>> _detectors = new();

    /// <inheritdoc/>
    public bool IsAvailable(T resource) => GetFailureDetector(resource)?.IsAvailable ?? true;

    /// <inheritdoc/>
    public bool IsMonitoring(T resource) => GetFailureDetector(resource)?.IsMonitoring ?? false;

    /// <inheritdoc/>
    public void Heartbeat(T resource) =>
        _detectors.GetOrAdd(resource, static (of, make) => new(() => Named(make(), of)), factory).Value.HeartBeat();

    /// <inheritdoc/>
    public void Remove(T resource) => _detectors.TryRemove(resource, out _);

    /// <inheritdoc/>
    public void Reset() => _detectors.Clear();

    internal FailureDetector? GetFailureDetector(T resource) =>
        _detectors.TryGetValue(resource, out var detector) ? detector.Value : null;

    private static FailureDetector Named(FailureDetector detector, T resource)
    {
        if (detector is PhiAccrualFailureDetector phi)
            phi.Address = resource.ToString() ?? phi.Address;
        return detector;
    }
}
