namespace Hatchery.Mirroring.Simulation;

/// <summary>One connection: what is sent comes in order, late, or not at all; its end is told to each side by itself.</summary>
internal sealed class Connection
{
    private readonly World _world;
    private readonly Way _toServer;
    private readonly Way _toOpener;

    /// <param name="opener">A server's name, or the client's.</param>
    public Connection(World world, long number, string opener, string server)
    {
        (_world, Number, Opener, Server) = (world, number, opener, server);
        _toServer = new(this, opener, server);
        _toOpener = new(this, server, opener);
    }

    public long Number { get; }

    public string Opener { get; }

    public string Server { get; }

    public Action<object>? OnServer { get; set; }

    public Action<object>? OnOpener { get; set; }

    public Action? ServerEnded { get; set; }

    public Action? OpenerEnded { get; set; }

    /// <summary>The other side has taken it in: what was sent meanwhile moves.</summary>
    public void Open()
    {
        IsOpen = true;
        _toServer.Start();
        _toOpener.Start();
    }

    public bool IsOpen { get; private set; }

    public void ToServer(object message) => _toServer.Send(() => OnServer?.Invoke(message));

    public void ToOpener(object message) => _toOpener.Send(() => OnOpener?.Invoke(message));

    /// <summary>This side is gone in good order, or its process died: what it had sent still comes, then its end.</summary>
    public void EndFrom(string side)
    {
        if (side == Opener)
        {
            OpenerEnded = null;
            OnOpener = null;
            _toServer.Send(() => End(ref _serverIsTold, ServerEnded));
        }
        else
        {
            ServerEnded = null;
            OnServer = null;
            _toOpener.Send(() => End(ref _openerIsTold, OpenerEnded));
        }
    }

    /// <summary>Reset: what is under way is lost, and both sides hear of it, each in its own time.</summary>
    public void Break()
    {
        _toServer.Close();
        _toOpener.Close();
        _world.Time.After(_world.Delay(), () => End(ref _serverIsTold, ServerEnded));
        _world.Time.After(_world.Delay(), () => End(ref _openerIsTold, OpenerEnded));
    }

    /// <summary>A host lost power: nobody hears anything.</summary>
    public void FallSilent()
    {
        _toServer.Close();
        _toOpener.Close();
    }

    private bool _serverIsTold;
    private bool _openerIsTold;

    private static void End(ref bool isTold, Action? ended)
    {
        if (isTold)
            return;
        isTold = true;
        ended?.Invoke();
    }

    private sealed class Way(Connection connection, string from, string to)
    {
        private readonly Queue<Action> _messages = new();
        private bool _isMoving;
        private bool _isClosed;

        public void Send(Action deliver)
        {
            if (_isClosed)
                return;
            _messages.Enqueue(deliver);
            Start();
        }

        public void Start()
        {
            if (_isMoving || _messages.Count == 0 || !connection.IsOpen)
                return;
            _isMoving = true;
            connection._world.Time.After(connection._world.Delay(), Move);
        }

        public void Close()
        {
            _isClosed = true;
            _messages.Clear();
        }

        private void Move()
        {
            if (_isClosed)
                return;
            var world = connection._world;
            if (world.IsCut(from, to))
            {
                world.Time.After(TimeSpan.FromMilliseconds(20), Move);
                return;
            }
            // What waits comes together more often than not.
            do _messages.Dequeue()();
            while (!_isClosed && _messages.Count > 0 && world.Random.Next(3) > 0);
            _isMoving = _messages.Count > 0;
            if (_isMoving)
                world.Time.After(world.Delay(), Move);
        }
    }
}
