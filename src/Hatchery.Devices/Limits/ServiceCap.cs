using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;

namespace Hatchery.Devices;

/// <summary>
/// How much one service has open, in all and for one address, so that no crowd takes it from everybody else: an address beyond its
/// share is turned away; when all places are taken, whoever came longest ago and has not yet done anything gives up its place.
/// Thread-safe.
/// </summary>
/// <param name="perAddressMax">0: no bound. An IPv6 network of 64 bits counts as one address, since one machine may take them all.</param>
public sealed class ServiceCap(string service, int max, int perAddressMax = 0)
{
    private static readonly Meter s_meter = new("Hatchery.Limits");

    private static readonly UpDownCounter<int> s_open = s_meter.CreateUpDownCounter<int>(
        "hatchery.limits.open",
        "{item}",
        "Connections, transfers and logins that are open, by service"
    );

    private static readonly Counter<long> s_refused = s_meter.CreateCounter<long>(
        "hatchery.limits.refused",
        "{item}",
        "Turned away at a limit, by service"
    );

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _byAddress = [];

    // Oldest first.
    private readonly LinkedList<Place> _idle = new();
    private int _open;
    private long _refused;
    private long _evicted;

    public ServiceUse Use
    {
        get
        {
            lock (_gate)
                return new(service, _open, max, perAddressMax, _refused, _evicted);
        }
    }

    /// <param name="mayBeEvicted">Whether it gives up its place for another until <see cref="Place.SetIdle"/> says otherwise.</param>
    /// <param name="refusal">Why there is no place; null when there is one.</param>
    /// <returns>A place, to be disposed when what took it is over; null when there is none.</returns>
    public Place? TryEnter(IPAddress address, out string? refusal, bool mayBeEvicted = true)
    {
        var key = Key(address);
        Place? evicted = null;
        Place place;
        lock (_gate)
        {
            refusal = null;
            var ofAddress = _byAddress.GetValueOrDefault(key);
            if (perAddressMax > 0 && ofAddress >= perAddressMax)
                refusal = $"{perAddressMax} from this address are open already";
            else if (_open >= max && (evicted = _idle.First?.Value) is null)
                refusal = $"{max} are open already";
            if (refusal is not null)
            {
                _refused++;
                s_refused.Add(1, Tag());
                return null;
            }
            if (evicted is not null)
            {
                _evicted++;
                Leave(evicted);
            }
            _open++;
            s_open.Add(1, Tag());
            // Read again: the one that made room may have been of the same address.
            _byAddress[key] = _byAddress.GetValueOrDefault(key) + 1;
            place = new(this, key);
            SetIdle(place, mayBeEvicted);
        }
        evicted?.Evict();
        return place;
    }

    private void Leave(Place place)
    {
        if (place.HasLeft)
            return;
        place.HasLeft = true;
        SetIdle(place, isIdle: false);
        _open--;
        s_open.Add(-1, Tag());
        if (--_byAddress[place.Address] == 0)
            _byAddress.Remove(place.Address);
    }

    private void SetIdle(Place place, bool isIdle)
    {
        if (isIdle == place.Idle is not null)
            return;
        if (isIdle)
            place.Idle = _idle.AddLast(place);
        else
        {
            _idle.Remove(place.Idle!);
            place.Idle = null;
        }
    }

    private static IPAddress Key(IPAddress address)
    {
        const int NetworkBytes = 8;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[NetworkBytes..].Clear();
        return new(bytes);
    }

    private KeyValuePair<string, object?> Tag() => new("service", service);

    /// <summary>One place at a service. Thread-safe.</summary>
    public sealed class Place : IDisposable
    {
        private readonly ServiceCap _cap;
        private Action? _onEvicted;
        private bool _isEvicted;

        internal Place(ServiceCap cap, IPAddress address) => (_cap, Address) = (cap, address);

        internal IPAddress Address { get; }

        internal LinkedListNode<Place>? Idle { get; set; }

        internal bool HasLeft { get; set; }

        /// <summary>What ends whoever has the place, when it is needed for another; called at once if that was before.</summary>
        public void OnEvicted(Action end)
        {
            bool isLate;
            lock (_cap._gate)
            {
                _onEvicted = end;
                isLate = _isEvicted;
            }
            if (isLate)
                end();
        }

        /// <summary>Whether it may be ended to make room; a new place may.</summary>
        public void SetIdle(bool isIdle)
        {
            lock (_cap._gate)
                if (!HasLeft)
                    _cap.SetIdle(this, isIdle);
        }

        public void Dispose()
        {
            lock (_cap._gate)
                _cap.Leave(this);
        }

        internal void Evict()
        {
            Action? end;
            lock (_cap._gate)
            {
                _isEvicted = true;
                end = _onEvicted;
            }
            end?.Invoke();
        }
    }
}
