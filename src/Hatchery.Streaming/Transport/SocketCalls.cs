using System.Runtime.InteropServices;

namespace Hatchery.Streaming.Transport;

/// <summary>Linux's own socket calls: what the runtime offers watches every socket all the time, which costs a busy connection two thread hops a receive.</summary>
internal static unsafe partial class SocketCalls
{
    public const int Interrupted = 4; // EINTR
    public const int WouldBlock = 11; // EAGAIN
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL

    public const int EpollAdd = 1;
    public const int EpollRemove = 2;
    public const int EpollModify = 3;
    public const int EpollCloseOnExec = 0x80000;

    public const uint EpollIn = 0x1;
    public const uint EpollOut = 0x4;
    public const uint EpollError = 0x8;
    public const uint EpollHangUp = 0x10;
    public const uint EpollOneShot = 1u << 30;

    // struct epoll_event is packed on x86-64, and there only.
    public static readonly int EpollEventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    public static readonly int EpollDataOffset = EpollEventBytes - sizeof(ulong);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, SafeHandle socket, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, byte* events, int count, int timeout);

    /// <summary>Linux's <c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Start;
        public nint Length;
    }

    /// <summary>Linux's <c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameBytes;
        public IoVector* Vectors;
        public nint VectorCount;
        public void* Control;
        public nint ControlBytes;
        public int Flags;
    }
}
