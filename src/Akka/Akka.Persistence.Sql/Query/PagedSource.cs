using Akka.Streams;
using Akka.Streams.Stage;

namespace Akka.Persistence.Sql.Query;

internal enum PageEnd
{
    /// <summary>The page was full: look for the next one as soon as this one is taken.</summary>
    More,

    /// <summary>Writers are about to end: look again in a moment.</summary>
    Soon,

    /// <summary>All there is was read: look again after the refresh interval.</summary>
    Wait,

    /// <summary>Nothing more will come.</summary>
    Done,
}

internal readonly record struct Page<T>(IReadOnlyList<T> Items, PageEnd End);

/// <summary>Reads one page after another; each call goes on where the one before ended.</summary>
internal interface IPages<T>
{
    Task<Page<T>> NextAsync();
}

/// <summary>Emits pages item by item; reads the next page when the last one was taken and there is demand.</summary>
internal sealed class PagedSource<T>(Func<IPages<T>> open, TimeSpan refreshInterval) : GraphStage<SourceShape<T>>
{
    private readonly Func<IPages<T>> _open = open;
    private readonly TimeSpan _refreshInterval = refreshInterval;
    private readonly Outlet<T> _out = new("PagedSource.out");

    public override SourceShape<T> Shape => new(_out);

    protected override GraphStageLogic CreateLogic(Attributes inheritedAttributes) => new Logic(this);

    private sealed class Logic : TimerGraphStageLogic
    {
        private const string LookAgain = "look-again";
        private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(20);

        private readonly PagedSource<T> _stage;
        private readonly IPages<T> _pages;
        private readonly Queue<T> _items = new();
        private Action<Page<T>> _onPage = null!;
        private Action<Exception> _onFailure = null!;
        private PageEnd _end = PageEnd.More;
        private bool _reading;

        public Logic(PagedSource<T> stage)
            : base(stage.Shape)
        {
            _stage = stage;
            _pages = stage._open();
            SetHandler(stage._out, onPull: Emit);
        }

        public override void PreStart()
        {
            _onPage = GetAsyncCallback<Page<T>>(OnPage);
            _onFailure = GetAsyncCallback<Exception>(FailStage);
        }

        protected override void OnTimer(object timerKey)
        {
            _end = PageEnd.More;
            if (IsAvailable(_stage._out))
                Emit();
        }

        private void Emit()
        {
            if (_items.TryDequeue(out var item))
            {
                Push(_stage._out, item);
                if (_items.Count == 0 && _end == PageEnd.Done)
                    CompleteStage();
            }
            else if (_end == PageEnd.Done)
            {
                CompleteStage();
            }
            else if (_end == PageEnd.More && !_reading)
            {
                _reading = true;
                _ = ReadAsync();
            }
        }

        private async Task ReadAsync()
        {
            try
            {
                _onPage(await _pages.NextAsync().ConfigureAwait(false));
            }
            catch (Exception e)
            {
                _onFailure(e);
            }
        }

        private void OnPage(Page<T> page)
        {
            _reading = false;
            _end = page.End;
            foreach (var item in page.Items)
                _items.Enqueue(item);
            if (_end is PageEnd.Wait or PageEnd.Soon)
                ScheduleOnce(LookAgain, _end == PageEnd.Soon ? s_soon : _stage._refreshInterval);
            if (IsAvailable(_stage._out) || (_items.Count == 0 && _end == PageEnd.Done))
                Emit();
        }
    }
}
