// Reads pictures from Go: go run read_picture.go 7.png ...
package main

// #cgo pkg-config: scrawl
// #include <scrawl/scrawl.h>
import "C"
import "fmt"
import "os"

func main() {
	err := C.scrawl_error{size: C.sizeof_scrawl_error}
	recognizer := C.scrawl_recognizer_new(nil, &err)
	for _, file := range os.Args[1:] {
		reading := C.scrawl_read_file(recognizer, C.CString(file), nil, &err)
		fmt.Println(file+":", C.GoString(C.scrawl_reading_text(reading)), C.GoString(&err.message[0]))
		C.scrawl_reading_free(reading)
	}
	C.scrawl_recognizer_free(recognizer)
	os.Exit(int(err.status))
}
