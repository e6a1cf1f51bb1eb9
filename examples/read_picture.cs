// Reads pictures from C#: mcs read_picture.cs && mono read_picture.exe 7.png ...
using System;
using System.Runtime.InteropServices;
struct Error { public UIntPtr size; public int status; [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 1012)] public string message; }
static class Program {
  [DllImport("scrawl")] static extern IntPtr scrawl_recognizer_new(IntPtr options, ref Error error);
  [DllImport("scrawl")] static extern IntPtr scrawl_reading_text(IntPtr reading);
  [DllImport("scrawl")] static extern void scrawl_reading_free(IntPtr reading);
  [DllImport("scrawl_decoding")] static extern IntPtr scrawl_read_file(IntPtr recognizer, string file, IntPtr options, ref Error error);
  static int Main(string[] files) {
    var error = new Error { size = (UIntPtr)Marshal.SizeOf(typeof(Error)) };
    IntPtr recognizer = scrawl_recognizer_new(IntPtr.Zero, ref error);
    foreach (string file in files) {
      IntPtr reading = scrawl_read_file(recognizer, file, IntPtr.Zero, ref error);
      Console.WriteLine(file + ": " + Marshal.PtrToStringAnsi(scrawl_reading_text(reading)) + " " + error.message);
      scrawl_reading_free(reading);
    }
    return error.status;
  }
}
